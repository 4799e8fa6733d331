#include "connection/start_call.hpp"

#include "async/async_completion.hpp"
#include "connection/pending_call.hpp"

#include <boost/asio/recycling_allocator.hpp>

#include <utility>

namespace echosocket {

namespace {

std::shared_ptr<net::pending_call> make_call(const net::connection_context& connection, std::string_view task,
                                             encoded_body&& body, const call_options& options) {
    auto call = std::allocate_shared<net::pending_call>(asio::recycling_allocator<net::pending_call>());
    call->task = task;
    call->body = std::move(body);
    call->trace_id = options.trace_id.view();
    call->idempotency_key = options.idempotency_key.view();
    call->timeout = options.timeout.value_or(connection.settings().call_timeout);
    call->deadline = options.deadline;
    return call;
}

/// Stands for a call that could not be started.
class failed_stream final : public detail::stream_end {
public:
    explicit failed_stream(failure why) : why_(std::move(why)) {}

    asio::awaitable<result<void>> send(encoded_body&&) override { return net::already<result<void>>(why_); }
    result<void> end(std::optional<failure>) override { return why_; }
    asio::awaitable<result<std::optional<detail::raw_item>>> next() override {
        return net::already<result<std::optional<detail::raw_item>>>(why_);
    }
    asio::awaitable<result<raw_reply>> answer() override { return net::already<result<raw_reply>>(why_); }
    void cancel() override {}
    [[nodiscard]] errc misfit() const noexcept override { return errc::bad_reply; }
    void put_back(detail::raw_item&&) noexcept override {}

private:
    failure why_;
};

}  // namespace

asio::awaitable<result<raw_reply>> start_call(std::shared_ptr<net::connection_context> connection,
                                              std::string_view task, encoded_body&& body, const call_options& options) {
    auto call = make_call(*connection, task, std::move(body), options);
    using waiting_call = net::async_completion<result<raw_reply>>;
    return waiting_call::suspend(
        [connection = std::move(connection), call = std::move(call)](waiting_call waiting) mutable {
            if (auto slot = waiting.slot(); slot.is_connected()) {
                slot.assign([connection, call = std::weak_ptr(call)](asio::cancellation_type) {
                    if (auto pending = call.lock()) connection->mailbox().cancel(std::move(pending));
                });
            }
            call->waiting.emplace(std::move(waiting));
            connection->mailbox().submit(std::move(call));
        });
}

std::shared_ptr<detail::stream_end> open_stream(std::shared_ptr<net::connection_context> connection,
                                                std::string_view task, encoded_body&& body, std::uint8_t streams,
                                                const call_options& options) {
    if (!connection)
        return std::make_shared<failed_stream>(failure(errc::connection_lost, "there is no connection at this moment"));
    auto call = make_call(*connection, task, std::move(body), options);
    auto stream = net::stream_handle::of_caller(*connection, streams);
    stream->set_call(call);
    call->stream = stream.get();
    call->items = stream;
    connection->mailbox().submit(std::move(call));
    return stream;
}

}  // namespace echosocket
