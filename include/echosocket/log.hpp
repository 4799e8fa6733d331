// The log sink. The library itself never prints.
#pragma once

#include <functional>
#include <string_view>

namespace echosocket {

enum class log_level { debug, info, warning, error };

[[nodiscard]] std::string_view name_of(log_level level) noexcept;

/// Where the library's messages go; empty means nowhere.
///
/// Thread safety: called from every thread that runs the executor, so it must be safe for that.
/// Lifetime: the text is valid during the call only. Text that came from a peer was made printable.
using log_sink = std::function<void(log_level, std::string_view)>;

}  // namespace echosocket
