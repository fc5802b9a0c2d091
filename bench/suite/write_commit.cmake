# Writes OUT, a header that says which commit of SOURCE is built; touches it only if that changed.
# "-dirty" means that what is built differs from it. What is kept of earlier runs is not built.
execute_process(COMMAND git -C ${SOURCE} describe --always --abbrev=12 --exclude=*
                OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
execute_process(COMMAND git -C ${SOURCE} diff --quiet HEAD -- . ":(exclude)bench/results"
                RESULT_VARIABLE differs ERROR_QUIET)
if(commit AND NOT differs EQUAL 0)
  string(APPEND commit "-dirty")
endif()
if(NOT commit)
  set(commit "unknown")
endif()
file(WRITE ${OUT}.new "// The commit that is built; a constant, any thread.\n// Written by the build.\n#pragma once\n\nnamespace nf::bench {\ninline constexpr const char* kCommit = \"${commit}\";\n}  // namespace nf::bench\n")
execute_process(COMMAND ${CMAKE_COMMAND} -E copy_if_different ${OUT}.new ${OUT})
