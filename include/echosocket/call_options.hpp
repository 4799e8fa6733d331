// Options of a call, a notification or a stream, besides its arguments.
#pragma once

#include <echosocket/clock.hpp>
#include <echosocket/short_text.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace echosocket {

class task_context;

/// Options of one call. They may be made in place: `client.call<int>({.timeout = 50ms}, "add", 1, 2)`.
struct call_options {
    /// ms; replaces the config's `call_timeout`. 0: no timeout; negative: already expired.
    std::optional<std::chrono::milliseconds> timeout{};
    short_text trace_id{};  ///< Opaque, at most 64 bytes; passed to the handler.
    /// If not empty, the call takes effect once, however often it is sent. At most 64 bytes, unique for each call: with
    /// other arguments, byte for byte, the same key is a `bad_request`. A client that reconnects sends such a call
    /// again if its connection was lost.
    short_text idempotency_key{};
    /// A second limit besides the timeout; the earlier one applies. See `within`.
    std::optional<time_point> deadline{};
};

/// Options that set only the timeout, in ms: `client.call<int>(es::with_timeout(50ms), "add", 1, 2)`.
[[nodiscard]] inline call_options with_timeout(std::chrono::milliseconds timeout) {
    call_options options;
    options.timeout = timeout;
    return options;
}

/// Options for a call that takes effect once, with a random key of 16 bytes.
[[nodiscard]] call_options once();
/// The same with the caller's own key, for calls that are repeated after this program has restarted.
[[nodiscard]] call_options once(std::string_view idempotency_key);

/// Options for a call made while serving `call`: it has the same deadline and trace id. Calls made through
/// `task_context::peer()` get these by default.
[[nodiscard]] call_options within(const task_context& call);

namespace detail {
inline constexpr call_options no_options{};
}

/// Options of one notification.
struct notify_options {
    std::string key{};       ///< For topics that keep the latest of each key; if empty, the topic's name is the key.
    std::string trace_id{};  ///< Opaque, at most 64 bytes; passed to the handler.
};

/// Options that set only the key: `room.notify(es::keyed("EURUSD"), "price", 1.08)`.
[[nodiscard]] inline notify_options keyed(std::string key) {
    notify_options options;
    options.key = std::move(key);
    return options;
}

}  // namespace echosocket
