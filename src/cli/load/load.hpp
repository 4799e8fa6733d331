// Load on a server, and how it bore it: what `echosocket bench` and bench/ are made of.
#pragma once

#include <echosocket/result.hpp>

#include "cli/load/histogram.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace echosocket::load {

/// What an answer is held against.
enum class answer_check : std::uint8_t {
    same_as_request,  ///< The reply's body is the request's.
    fixed,            ///< The reply's body is `options::expected`.
    success,          ///< Any reply will do that is not an error.
};

/// What to ask for, how often, over how many connections.
struct options {
    std::string address{};        ///< `host:port`, `[v6]:port` or `unix:/path`.
    std::string task = "echo";    ///< What is called.
    std::size_t connections = 1;  ///< Opened before the load begins.
    std::size_t depth = 1;        ///< Requests under way on each connection at most.
    std::size_t payload = 64;   ///< Bytes of each request's body, from 8 bytes on another one each time; at most 1 MiB.
    std::string body{};         ///< In place of `payload`: the body of every request.
    bool body_is_json = false;  ///< What the server is told about `body`.
    std::uint32_t deadline_ms = 30'000;  ///< Milliseconds that travel with each request; 0 is none.

    double rate = 0;  ///< Requests per second that are due, answered or not (open loop); 0 asks again when answered.
    std::chrono::milliseconds warm_up{200};     ///< Not counted.
    std::chrono::milliseconds duration{2'000};  ///< Counted.
    std::uint64_t requests = 0;                 ///< In place of the two times: so many, and no more.

    answer_check check = answer_check::same_as_request;
    std::string expected{};  ///< For `answer_check::fixed`.

    std::size_t flood_depth = 0;  ///< One more connection that keeps so many requests under way, reported apart.
};

/// How the server bore it.
struct report {
    histogram latency;  ///< From the moment that a request was sent or, in an open loop, due.
    std::chrono::duration<double> took{};
    std::uint64_t answers = 0;             ///< In `took`; each one the right answer to its own request.
    std::uint64_t wrong = 0;               ///< Errors, answers with a wrong body, answers that nobody asked for.
    std::uint64_t unanswered = 0;          ///< Still without an answer a while after the end.
    std::string first_wrong;               ///< What was wrong first.
    std::uint64_t slowest_connection = 0;  ///< Answers on the connection that got fewest.
    std::uint64_t fastest_connection = 0;  ///< Answers on the one that got most.
    std::uint64_t flood_answers = 0;
    double cpu = 0;  ///< Share of one core that the load itself took: near 1 it is what was measured.

    [[nodiscard]] double rate() const noexcept {
        return took.count() > 0 ? static_cast<double>(answers) / took.count() : 0;
    }
    [[nodiscard]] bool all_right() const noexcept { return wrong == 0 && unanswered == 0; }
};

/// Puts a server under load from this thread and waits for the outcome.
///
/// Errors: `message_too_large`, `invalid_address`, `resolve_failed`, `connect_failed`, `connection_lost`,
/// `protocol_error`.
[[nodiscard]] result<report> run(const options& wanted);

/// The report as one JSON object, in nanoseconds and requests per second; with every bucket where asked for.
[[nodiscard]] std::string to_json(const report& outcome, bool with_buckets);

}  // namespace echosocket::load
