// Generates load on a server and measures the answers; used by `echosocket bench` and bench/.
#pragma once

#include <echosocket/result.hpp>

#include "cli/load/histogram.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace echosocket::load {

/// How an answer is checked.
enum class answer_check : std::uint8_t {
    same_as_request,  ///< The reply's body must be the request's.
    fixed,            ///< The reply's body must be `options::expected`.
    success,          ///< Any reply that is not an error.
};

/// The requests to send, how many, and over how many connections.
struct options {
    std::string address{};        ///< `host:port`, `[v6]:port` or `unix:/path`.
    std::string task = "echo";    ///< The task to call.
    std::size_t connections = 1;  ///< Opened before the load begins.
    std::size_t depth = 1;        ///< Largest number of requests in flight on each connection.
    /// Bytes of each request's body, at most 1 MiB; from 8 bytes on, each request's body is different.
    std::size_t payload = 64;
    std::string body{};                  ///< The body of every request; replaces `payload`.
    bool body_is_json = false;           ///< How `body` is declared to the server.
    std::uint32_t deadline_ms = 30'000;  ///< ms, sent with each request; 0 is no deadline.

    double rate = 0;  ///< Requests per second regardless of answers (open loop); 0 sends the next when one is answered.
    std::chrono::milliseconds warm_up{200};     ///< ms, not counted.
    std::chrono::milliseconds duration{2'000};  ///< ms, counted.
    std::uint64_t requests = 0;                 ///< Replaces the two times: exactly this many.

    answer_check check = answer_check::same_as_request;
    std::string expected{};  ///< For `answer_check::fixed`.

    /// If not 0, one more connection with this many requests in flight, reported separately.
    std::size_t flood_depth = 0;
};

/// The results of a run.
struct report {
    histogram latency;  ///< ns from the moment that a request was sent or, in an open loop, due.
    std::chrono::duration<double> took{};
    std::uint64_t answers = 0;             ///< Within `took`; each one the right answer to its own request.
    std::uint64_t wrong = 0;               ///< Errors, wrong bodies, answers to no request.
    std::uint64_t unanswered = 0;          ///< Still without an answer a while after the end.
    std::string first_wrong;               ///< The first thing that was wrong.
    std::uint64_t slowest_connection = 0;  ///< Answers on the connection that got the fewest.
    std::uint64_t fastest_connection = 0;  ///< Answers on the connection that got the most.
    std::uint64_t flood_answers = 0;
    /// Share of one core that the load generator itself used; near 1, the generator was the bottleneck.
    double cpu = 0;

    [[nodiscard]] double rate() const noexcept {
        return took.count() > 0 ? static_cast<double>(answers) / took.count() : 0;
    }
    [[nodiscard]] bool all_right() const noexcept { return wrong == 0 && unanswered == 0; }
};

/// Runs a load against a server on this thread and waits for the result.
///
/// Errors: `message_too_large`, `invalid_address`, `resolve_failed`, `connect_failed`, `connection_lost`,
/// `protocol_error`.
[[nodiscard]] result<report> run(const options& wanted);

/// The report as one JSON object, in nanoseconds and requests per second; with all buckets if `with_buckets`.
[[nodiscard]] std::string to_json(const report& outcome, bool with_buckets);

}  // namespace echosocket::load
