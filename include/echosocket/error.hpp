// Error codes, and what a caller can ask about one.
#pragma once

#include <cstdint>
#include <string_view>
#include <system_error>
#include <type_traits>

namespace echosocket {

/// Error codes. The numbers are sent on the wire and never change their meaning.
///
/// Codes from `application` on are for the user's own tasks.
enum class errc : std::uint16_t {
    // One call: only its caller is told, and the connection stays open.
    task_failed = 1,        ///< The handler failed or threw.
    unknown_task = 2,       ///< No task has that name; the detail lists the known ones.
    bad_request = 3,        ///< The arguments do not fit; the detail names the argument and what was expected.
    not_allowed = 4,        ///< Forbidden by the other end's configuration; the detail says what would allow it.
    overloaded = 5,         ///< Not started because there was no room, or no memory; worth a retry.
    shutting_down = 6,      ///< Not started, or the end of the connection, because the other end is stopping.
    cancelled = 7,          ///< Cancelled by the caller, or at the end of a drain.
    deadline_exceeded = 8,  ///< Not finished in time.
    message_too_large = 9,  ///< A body above the limit that the detail names.
    bad_reply = 10,         ///< The reply does not fit the type that the caller asked for.

    // The connection: every call pending on it ends with one of these.
    connection_lost = 20,      ///< The other end vanished or reset the connection.
    connection_closed = 21,    ///< This end closed the connection.
    resolve_failed = 22,       ///< The host name has no address.
    connect_failed = 23,       ///< Nobody listens there, or the network refused.
    connect_timeout = 24,      ///< No connection within `client_config::connect_timeout` (ms).
    hello_timeout = 25,        ///< No complete HELLO within `limits::hello_timeout` (ms).
    refused = 26,              ///< The server does not take this connection; the detail says why.
    not_echosocket = 27,       ///< The bytes received are not this protocol (HTTP, TLS, noise).
    unsupported_version = 28,  ///< The other end uses a version unknown here.
    protocol_error = 29,       ///< A frame broke the rules; the detail names it.
    frame_too_large = 30,      ///< A frame was above the limit that the detail names.
    frame_timeout = 31,        ///< A frame was begun but not completed in time.
    idle_timeout = 32,         ///< Nothing happened for `limits::idle_timeout` (ms).
    ping_timeout = 33,         ///< The other end stopped answering pings.
    write_stalled = 34,        ///< The other end took no byte for `limits::write_timeout` (ms).
    slow_consumer = 35,        ///< The other end reads too slowly for what it asks for.
    abusive = 36,              ///< One peer caused too many cancels and errors.
    memory_exceeded = 37,      ///< All clients hold more memory than they may, and this connection held most of it.

    // Misuse of the API, thrown as `usage_error` by the misused function.
    invalid_config = 50,   ///< A configuration value out of range; the detail names it.
    duplicate_task = 51,   ///< Two tasks have the same name.
    invalid_name = 52,     ///< A name is empty, too long or not UTF-8.
    already_running = 53,  ///< Something that must be done before `run()` was done after it.
    invalid_address = 54,  ///< An address is not `host:port`, `[v6]:port` or `unix:/path`.
    listen_failed = 55,    ///< A listener could not be opened; the detail names the address.
    stream_closed = 56,    ///< The stream takes no more items: it was ended, or the call has ended.

    application = 1000,  ///< The first code for applications.
};

/// Who a failure comes from. The same code means different things: `shutting_down` from the other end is the end of its
/// server, from a task it is what the task answers.
enum class failure_origin : std::uint8_t {
    this_end,   ///< This program: the call was not sent or was given up, its connection ended, its reply did not fit.
    other_end,  ///< The library at the other end: it refused or stopped the call, or ended the connection.
    task,       ///< The task: its handler returned or threw it. In a stream, whoever sends the items.
};

/// `this_end`, `other_end` or `task`.
[[nodiscard]] std::string_view name_of(failure_origin origin) noexcept;

/// The code's name in the documentation, for example `unknown_task`. Application codes return `application`, unknown
/// ones `unknown`.
[[nodiscard]] std::string_view name_of(errc code) noexcept;

/// One sentence that says what the code means.
[[nodiscard]] std::string_view describe(errc code) noexcept;

/// Returns true if the same call is worth a retry, perhaps after a pause or at another server.
[[nodiscard]] bool is_retryable(errc code) noexcept;

/// Returns true if the code by itself means that the task was not run: `unknown_task`, `bad_request`, `not_allowed`,
/// `overloaded`, `shutting_down`. `failure::started` overrides it.
[[nodiscard]] bool is_refusal(errc code) noexcept;

[[nodiscard]] const std::error_category& error_category() noexcept;

[[nodiscard]] inline std::error_code make_error_code(errc code) noexcept {
    return {static_cast<int>(code), error_category()};
}

}  // namespace echosocket

template <>
struct std::is_error_code_enum<echosocket::errc> : std::true_type {};
