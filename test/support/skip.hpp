// A test case that this machine can't run says so, here and to CTest.
#pragma once

#include <string>

namespace echosocket::test {

/// What a test program ends with if a case was skipped and none has failed: `SKIP_RETURN_CODE` in test/CMakeLists.txt.
inline constexpr int skipped_exit_code = 77;

/// Says why the case at hand is skipped; the case then returns.
void skip(const std::string& why);

}  // namespace echosocket::test
