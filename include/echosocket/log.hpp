// The log sink. The library itself never prints.
#pragma once

#include <functional>
#include <string_view>

namespace echosocket {

enum class log_level { debug, info, warning, error };

[[nodiscard]] std::string_view name_of(log_level level) noexcept;

/// Receives the library's log messages; if empty, they are discarded.
///
/// Errors: what it throws is counted in `server_stats::exceptions`, and changes nothing else.
/// Thread safety: called from every thread that runs the executor; must be thread-safe.
/// Lifetime: the text is valid only during the call. Text from a peer has been made printable.
using log_sink = std::function<void(log_level, std::string_view)>;

}  // namespace echosocket
