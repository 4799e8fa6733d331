// The strands of connections, and what lies beneath a strand.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>

#include <utility>

namespace echosocket::net {

namespace asio = boost::asio;

/// What `executor` runs on, if it is a strand; else `executor` itself.
[[nodiscard]] inline asio::any_io_executor beneath_strand(const asio::any_io_executor& executor) {
    if (const auto* strand = executor.target<asio::strand<asio::io_context::executor_type>>())
        return strand->get_inner_executor();
    if (const auto* strand = executor.target<asio::strand<asio::any_io_executor>>())
        return beneath_strand(strand->get_inner_executor());
    return executor;
}

/// A new strand beside `executor`: on what lies beneath it.
///
/// Over an `io_context` it is made of that one's own executor, and fits into `any_io_executor` then. A
/// `strand<any_io_executor>` does not: it costs three allocations with every wait (Boost 1.81).
[[nodiscard]] inline asio::any_io_executor make_strand_beside(const asio::any_io_executor& executor) {
    const auto base = beneath_strand(executor);
    if (const auto* plain = base.target<asio::io_context::executor_type>()) return asio::make_strand(*plain);
    return asio::make_strand(base);
}

/// Does the calling thread run inside `strand`, one that `make_strand_beside` made?
[[nodiscard]] inline bool runs_here(const asio::any_io_executor& strand) noexcept {
    if (const auto* plain = strand.target<asio::strand<asio::io_context::executor_type>>())
        return plain->running_in_this_thread();
    const auto* erased = strand.target<asio::strand<asio::any_io_executor>>();
    return erased != nullptr && erased->running_in_this_thread();
}

/// Runs `job` inside `strand`, one that `make_strand_beside` made: at once where the strand is free and what lies
/// beneath it runs on this thread.
template <class Job>
void run_soon(const asio::any_io_executor& strand, Job job) {
    if (const auto* plain = strand.target<asio::strand<asio::io_context::executor_type>>()) {
        asio::dispatch(*plain, std::move(job));
    } else {
        asio::dispatch(strand, std::move(job));
    }
}

}  // namespace echosocket::net
