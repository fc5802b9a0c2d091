# Writes OUT, a header that says which commit of SOURCE is built; touches it only if that changed.
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=12 --exclude=*
                OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT commit)
  set(commit "unknown")
endif()
file(WRITE ${OUT}.new "// The commit that is built; a constant, any thread.\n// Written by the build.\n#pragma once\n\nnamespace nf::bench {\ninline constexpr const char* kCommit = \"${commit}\";\n}  // namespace nf::bench\n")
execute_process(COMMAND ${CMAKE_COMMAND} -E copy_if_different ${OUT}.new ${OUT})
