// One coroutine of a connection that serves one call at a time.
#pragma once

#include "async/strand_event.hpp"
#include "connection/call_stream.hpp"
#include "connection/request.hpp"
#include "server/idempotency_cache.hpp"

#include <echosocket/task.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace echosocket::net {

class call_worker;
class connection;
class incoming_calls;

/// Where the reply to one request goes: into the connection's outbox, once.
class call_reply final : public detail::reply_sink {
public:
    /// `worker` serves calls one after another; nothing where there is but one.
    explicit call_reply(connection& owner, call_worker* worker = nullptr) noexcept : owner_(owner), worker_(worker) {}

    /// Items of `stream`, where there is one, go out before the reply.
    void begin(std::uint32_t id, call_stream* stream = nullptr) noexcept {
        id_ = id;
        stream_ = stream;
        sent_ = false;
    }
    /// What is replied is kept for whoever makes the same call again.
    void remember(idempotency_cache& memory, idempotency_cache::call_ptr call) {
        memory_ = &memory;
        remembered_ = std::move(call);
    }
    [[nodiscard]] bool sent() const noexcept { return sent_; }

    void succeed(std::string_view body, content_type type) override;
    void succeed(std::string&& body, content_type type) override;
    void fail(const failure& why) override;
    [[nodiscard]] bool next_call(std::string_view& body) override;
    /// The answer for what a handler threw; `cancelled` is the reason where the call had been cancelled.
    void fail(const std::exception_ptr& thrown, std::string_view task, std::optional<errc> cancelled);

private:
    void close_stream();
    void keep(std::string_view body, content_type type);
    void keep(const failure& why);

    connection& owner_;
    idempotency_cache* memory_ = nullptr;
    idempotency_cache::call_ptr remembered_;
    call_worker* worker_;
    std::uint32_t id_ = 0;
    call_stream* stream_ = nullptr;
    bool sent_ = true;
};

/// What a handler may ask about the call that it serves.
class running_call : public detail::call_environment {
public:
    /// `served` lives as long as this does, and need not live yet.
    running_call(connection& owner, const request& served) noexcept : owner_(owner), served_(served) {}

    [[nodiscard]] std::string_view task_name() const noexcept override { return served_.name; }
    [[nodiscard]] std::string_view trace_id() const noexcept override { return served_.trace_id; }
    [[nodiscard]] echosocket::content_type content_type() const noexcept override { return served_.type; }
    [[nodiscard]] echosocket::peer peer() const override;
    [[nodiscard]] std::optional<time_point> deadline() const noexcept override { return served_.deadline; }
    [[nodiscard]] bool cancelled() const noexcept override { return cancelled_.has_value(); }
    [[nodiscard]] echosocket::clock& clock() const noexcept override;
    [[nodiscard]] asio::any_io_executor executor() const override;
    [[nodiscard]] unsigned max_nesting() const noexcept override;
    [[nodiscard]] std::shared_ptr<detail::stream_end> stream() const override { return served_.stream; }
    void log(log_level level, std::string_view text) const override;

protected:
    ~running_call() = default;

    connection& owner_;
    const request& served_;
    std::optional<errc> cancelled_;
};

class call_worker final : public running_call {
public:
    call_worker(incoming_calls& calls, request first);

    /// The worker's life; ends after `leave()`.
    [[nodiscard]] asio::awaitable<void> run();

    /// Hands an idle worker its next call, which runs inside this to its first suspension.
    void serve(request next);
    /// Ends a call, and begins the next one where it leads and there is one. True where that is of the same task, so
    /// that the coroutine of the task serves it too: `body` is its body then.
    [[nodiscard]] bool go_on(std::string_view& body);
    /// Ends an idle worker.
    void leave();
    /// Cancels the running handler; a call that has ended already is not concerned.
    void cancel(errc reason);
    /// A call held for want of room in the outbox gives up its slot.
    void release() { wake_.notify(); }

    [[nodiscard]] bool busy() const noexcept { return busy_; }
    [[nodiscard]] std::uint32_t id() const noexcept { return request_.id; }
    [[nodiscard]] std::optional<time_point> due() const noexcept { return request_.deadline; }
    [[nodiscard]] const std::shared_ptr<call_stream>& items() const noexcept { return request_.stream; }
    /// Does the call go on where its connection is lost? Its caller may ask for the result again.
    [[nodiscard]] bool outlives_connection() const noexcept { return !request_.idempotency_key.empty(); }
    /// Is the call in the table of running ones?
    bool registered = false;

    [[nodiscard]] asio::cancellation_slot slot() noexcept { return signal_.slot(); }

private:
    [[nodiscard]] asio::awaitable<void> serve_once(task_context& context);
    void begin();
    void finish(const std::exception_ptr& thrown);

    incoming_calls& calls_;
    request request_;
    call_reply reply_;
    asio::cancellation_signal signal_;
    strand_event wake_;
    bool busy_ = false;
    bool answered_ = false;
    bool leaving_ = false;
    bool next_begun_ = false;  ///< The request at hand is the next one already, of another task.
};

}  // namespace echosocket::net
