// What a call, a notification or a stream asks for beyond its arguments.
#pragma once

#include <echosocket/clock.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace echosocket {

class task_context;

/// What one call asks for beyond its arguments.
struct call_options {
    std::optional<std::chrono::milliseconds> timeout{};  ///< In place of the config's `call_timeout`; 0 is none, less
                                                         ///< has passed already.
    std::string trace_id{};                              ///< Opaque, at most 64 bytes; handed to the handler.
    /// Not empty: the call takes effect once, however often it is sent. At most 64 bytes, unique for each call.
    /// A client that reconnects sends such a call again where its connection was lost.
    std::string idempotency_key{};
    std::optional<time_point> deadline{};  ///< An end besides the timeout, whichever comes first; see `within`.
};

/// Options with nothing but a timeout: `client.call<int>(es::with_timeout(50ms), "add", 1, 2)`.
///
/// A function rather than `{.timeout = 50ms}` in place, since GCC 12 destroys aggregates that are made inside a
/// `co_await` expression twice; an aggregate that has a name is safe.
[[nodiscard]] inline call_options with_timeout(std::chrono::milliseconds timeout) {
    call_options options;
    options.timeout = timeout;
    return options;
}

/// Options for a call that takes effect once, with a random key of 16 bytes.
[[nodiscard]] call_options once();
/// The same with a key of the caller's own, for one that outlives this program.
[[nodiscard]] call_options once(std::string idempotency_key);

/// Options for a call made on behalf of the one that a handler serves: it ends with that one's deadline and carries its
/// trace id. Calls to `task_context::peer()` are made so by themselves.
[[nodiscard]] call_options within(const task_context& call);

/// What one notification asks for beyond its arguments.
struct notify_options {
    std::string key{};       ///< For topics that keep the latest of each key; the topic's name where it is empty.
    std::string trace_id{};  ///< Opaque, at most 64 bytes; handed to the handler.
};

/// Options with nothing but a key: `room.notify(es::keyed("EURUSD"), "price", 1.08)`.
[[nodiscard]] inline notify_options keyed(std::string key) {
    notify_options options;
    options.key = std::move(key);
    return options;
}

}  // namespace echosocket
