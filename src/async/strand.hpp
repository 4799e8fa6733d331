// Strands for connections, and the executor beneath a strand.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>

#include <utility>

namespace echosocket::net {

namespace asio = boost::asio;

/// The executor beneath `executor` if it is a strand, otherwise `executor` itself.
[[nodiscard]] inline asio::any_io_executor beneath_strand(const asio::any_io_executor& executor) {
    if (const auto* strand = executor.target<asio::strand<asio::io_context::executor_type>>())
        return strand->get_inner_executor();
    if (const auto* strand = executor.target<asio::strand<asio::any_io_executor>>())
        return beneath_strand(strand->get_inner_executor());
    return executor;
}

/// Makes a new strand on the executor beneath `executor`.
///
/// Over an `io_context` the strand wraps the context's own executor type, which fits into `any_io_executor`; a
/// `strand<any_io_executor>` does not, and costs three allocations with every wait (Boost 1.81).
[[nodiscard]] inline asio::any_io_executor make_strand_beside(const asio::any_io_executor& executor) {
    const auto base = beneath_strand(executor);
    if (const auto* plain = base.target<asio::io_context::executor_type>()) return asio::make_strand(*plain);
    return asio::make_strand(base);
}

/// The type of most strands; nullptr if `strand` is another one.
[[nodiscard]] inline const asio::strand<asio::io_context::executor_type>* as_plain_strand(
    const asio::any_io_executor& strand) noexcept {
    return strand.target<asio::strand<asio::io_context::executor_type>>();
}

/// Returns true if the calling thread runs inside `strand`, which `make_strand_beside` must have made.
[[nodiscard]] inline bool runs_here(const asio::any_io_executor& strand) noexcept {
    if (const auto* plain = as_plain_strand(strand)) return plain->running_in_this_thread();
    const auto* erased = strand.target<asio::strand<asio::any_io_executor>>();
    return erased != nullptr && erased->running_in_this_thread();
}

/// Runs `job` inside `strand`, which `make_strand_beside` must have made: at once if the strand is free and the
/// executor beneath it runs on this thread, otherwise later.
template <class Job>
void run_soon(const asio::any_io_executor& strand, Job job) {
    if (const auto* plain = as_plain_strand(strand)) {
        asio::dispatch(*plain, std::move(job));
    } else {
        asio::dispatch(strand, std::move(job));
    }
}

}  // namespace echosocket::net
