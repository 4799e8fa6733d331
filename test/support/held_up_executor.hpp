// An executor under a connection whose posts can be held up, or fail: the moment between two steps of a thread that
// hands something over.
#pragma once

#include <boost/asio/execution.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <utility>

namespace echosocket::test {

namespace asio = boost::asio;

/// Posts to an `io_context`. `before_post` is called on each thread that is about to post through a strand, before
/// anything has been queued; it may wait or throw.
class held_up_executor {
public:
    held_up_executor(asio::io_context& io, std::shared_ptr<const std::function<void()>> before_post)
        : inner_(io.get_executor()), before_post_(std::move(before_post)) {}

    [[nodiscard]] asio::execution_context& query(asio::execution::context_t) const noexcept { return inner_.context(); }
    // Asio asks for this first, on the thread that posts.
    [[nodiscard]] held_up_executor require(asio::execution::blocking_t::never_t) const {
        if (*before_post_) (*before_post_)();
        return *this;
    }
    template <class Function>
    void execute(Function&& job) const {
        asio::require(inner_, asio::execution::blocking.never).execute(std::forward<Function>(job));
    }
    [[nodiscard]] bool operator==(const held_up_executor& other) const noexcept = default;

private:
    asio::io_context::executor_type inner_;
    std::shared_ptr<const std::function<void()>> before_post_;
};

}  // namespace echosocket::test
