// All that an engine includes.
#pragma once

#include <nearfield/archive.h>
#include <nearfield/read_window.h>
#include <nearfield/runtime.h>
