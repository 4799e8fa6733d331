// The errors of EchoSocket, and the questions a caller asks about one.
#pragma once

#include <cstdint>
#include <string_view>
#include <system_error>
#include <type_traits>

namespace echosocket {

/// What went wrong. The numbers travel on the wire and never change their meaning.
///
/// Codes from `application` on belong to the user's own tasks.
enum class errc : std::uint16_t {
    // One call: nobody else hears of it, the connection goes on.
    task_failed = 1,        ///< The handler failed or threw.
    unknown_task = 2,       ///< No task of that name is registered; the detail lists the known ones.
    bad_request = 3,        ///< The arguments do not fit; the detail names the argument and what was expected.
    not_allowed = 4,        ///< The other side's configuration forbids it; the detail says what would allow it.
    overloaded = 5,         ///< Not started for want of room: worth a retry.
    shutting_down = 6,      ///< Not started since the other side is stopping: worth a retry elsewhere.
    cancelled = 7,          ///< Cancelled by the caller, or by the end of a drain.
    deadline_exceeded = 8,  ///< Not finished in time.
    message_too_large = 9,  ///< A body above the limit that the detail names.
    bad_reply = 10,         ///< The reply came, but does not fit the type that the caller asked for.

    // The connection: every call that was pending on it ends with one of these.
    connection_lost = 20,      ///< The other side vanished or reset the connection.
    connection_closed = 21,    ///< This side closed it.
    resolve_failed = 22,       ///< The host name has no address.
    connect_failed = 23,       ///< Nobody listens there, or the network refused.
    connect_timeout = 24,      ///< No connection within `client_config::connect_timeout`.
    hello_timeout = 25,        ///< No complete HELLO within `limits::hello_timeout`.
    refused = 26,              ///< The server does not take this connection; the detail says why.
    not_echosocket = 27,       ///< What came is not this protocol (HTTP, TLS, noise).
    unsupported_version = 28,  ///< The other side speaks a version unknown here.
    protocol_error = 29,       ///< A frame that breaks the rules; the detail names it.
    frame_too_large = 30,      ///< A frame above the limit that the detail names.
    frame_timeout = 31,        ///< A frame was begun and not completed in time.
    idle_timeout = 32,         ///< Nothing happened for `limits::idle_timeout`.
    ping_timeout = 33,         ///< The other side stopped answering pings.
    write_stalled = 34,        ///< The other side took no byte for `limits::write_timeout`.
    slow_consumer = 35,        ///< The other side reads too slowly for what it asks for.
    abusive = 36,              ///< Too many cancels and errors provoked by one peer.

    // Misuse of the API: thrown as `usage_error` by the call that misused it.
    invalid_config = 50,   ///< A configuration value out of range; the detail names it.
    duplicate_task = 51,   ///< Two tasks of one name.
    invalid_name = 52,     ///< An empty, too long or non-UTF-8 name.
    already_running = 53,  ///< Something that must come before `run()` came after it.
    invalid_address = 54,  ///< An address that is no `host:port`, `[v6]:port` or `unix:/path`.
    listen_failed = 55,    ///< A listener could not be opened; the detail names the address.
    stream_closed = 56,    ///< An item for a stream that takes none any more: it was ended, or the call has ended.

    application = 1000,  ///< The first code that is the application's own.
};

/// The code's name as the documentation writes it, for example `unknown_task`.
/// Codes of the application are named `application`, unknown ones `unknown`.
[[nodiscard]] std::string_view name_of(errc code) noexcept;

/// One sentence that says what the code means.
[[nodiscard]] std::string_view describe(errc code) noexcept;

/// Is the same call worth a retry, perhaps after a pause or at another server?
[[nodiscard]] bool is_retryable(errc code) noexcept;

/// Does the code alone say that the call was refused before the task did anything: `unknown_task`, `bad_request`,
/// `not_allowed`, `overloaded`, `shutting_down`? It is for `failure::started` to say otherwise.
[[nodiscard]] bool is_refusal(errc code) noexcept;

/// Did the connection end, rather than one call on it?
[[nodiscard]] bool is_connection_error(errc code) noexcept;

[[nodiscard]] const std::error_category& error_category() noexcept;

[[nodiscard]] inline std::error_code make_error_code(errc code) noexcept {
    return {static_cast<int>(code), error_category()};
}

}  // namespace echosocket

template <>
struct std::is_error_code_enum<echosocket::errc> : std::true_type {};
