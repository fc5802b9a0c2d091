# find_package(nearfield): the runtime as it was installed. Target nearfield::nearfield; needs what
# the runtime links: liburing, zstd, LZ4, xxHash and threads.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
find_dependency(PkgConfig)
pkg_check_modules(NF_URING REQUIRED IMPORTED_TARGET liburing)
pkg_check_modules(NF_ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(NF_LZ4 REQUIRED IMPORTED_TARGET liblz4)
pkg_check_modules(NF_XXHASH REQUIRED IMPORTED_TARGET libxxhash)
include(${CMAKE_CURRENT_LIST_DIR}/nearfield_rooms.cmake)
