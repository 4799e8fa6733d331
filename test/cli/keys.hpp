// Keys as a terminal sends them.
#pragma once

namespace echosocket::testing {

inline constexpr const char* up = "\x1b[A";
inline constexpr const char* interrupt = "\x03";
inline constexpr const char* end_of_input = "\x04";

}  // namespace echosocket::testing
