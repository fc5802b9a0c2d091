// A number is no amount of bytes until somebody says so.
#include <nearfield/types.h>

#ifdef NF_MISUSE
nf::Bytes size = 5;
#else
nf::Bytes size = {5};
#endif
