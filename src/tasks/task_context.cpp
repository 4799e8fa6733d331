#include <echosocket/task.hpp>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <stdexcept>

namespace echosocket {

std::optional<duration> task_context::remaining() const noexcept {
    const auto deadline = call_->deadline();
    if (!deadline) return std::nullopt;
    return std::max(duration::zero(), *deadline - clock().now());
}

asio::awaitable<void> task_context::sleep_for(duration length) {
    return echosocket::sleep_for(clock(), length);
}

// By value, as the notice itself may be a temporary.
static asio::awaitable<void> until_stopping(const detail::call_environment* call) {
    const bool stops = co_await call->until_stopping();
    if (!stops) throw boost::system::system_error(asio::error::operation_aborted);
}

asio::awaitable<void> stop_notice::wait() const {
    return until_stopping(call_);
}

namespace detail {

asio::awaitable<void> start_in_place(task& plain, task_context& context, std::string_view body, reply_sink& reply) {
    plain.run(context, body, reply);
    co_return;
}

asio::awaitable<void> come_back(asio::any_io_executor strand) {
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await asio::post(asio::bind_executor(strand, asio::use_awaitable));
}

void refuse_to_run() {
    throw std::logic_error("a coroutine task is started, not run");
}

void throw_cancelled() {
    throw boost::system::system_error(asio::error::operation_aborted);
}

void refuse_empty_handler() {
    throw usage_error(errc::invalid_config, "the handler is empty");
}

}  // namespace detail

}  // namespace echosocket
