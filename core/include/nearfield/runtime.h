// Everything an engine needs of the runtime; <nearfield/nearfield.h> adds the archive.
#pragma once

#include <nearfield/device.h>
#include <nearfield/result.h>
#include <nearfield/streamer.h>
#include <nearfield/types.h>
