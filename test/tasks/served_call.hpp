// A call without a connection: a fake environment, and a reply that records what it gets.
#pragma once

#include <echosocket/task.hpp>
#include <echosocket/testing.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace echosocket::test {

class recorded_reply final : public detail::reply_sink {
public:
    bool succeed(std::string_view reply, content_type reply_type) override {
        source = reply.data();
        record(reply, reply_type);
        return true;
    }
    bool succeed(std::string&& reply, content_type reply_type) override {
        moved = true;
        source = reply.data();
        record(reply, reply_type);
        return true;
    }
    bool fail(const failure& why) override {
        ++answers;
        error = why;
        return true;
    }

    int answers = 0;
    std::string body;
    content_type type = content_type::bytes;
    const void* source = nullptr;  ///< The address of the reply's bytes when they were passed.
    bool moved = false;            ///< Passed as a string that may be kept.
    std::optional<failure> error;

private:
    void record(std::string_view reply, content_type reply_type) {
        ++answers;
        body = reply;
        type = reply_type;
    }
};

class fake_call final : public detail::call_environment {
public:
    explicit fake_call(asio::io_context& io) : io_(io) {}

    std::string_view task_name() const noexcept override { return "the task"; }
    std::string_view trace_id() const noexcept override { return "trace-1"; }
    echosocket::content_type content_type() const noexcept override { return type; }
    echosocket::peer peer() const override { return {}; }
    std::optional<time_point> deadline() const noexcept override { return due; }
    bool cancelled() const noexcept override { return false; }
    bool stopping() const noexcept override { return false; }
    asio::awaitable<bool> until_stopping() const override { co_return false; }
    echosocket::clock& clock() const noexcept override { return time; }
    asio::any_io_executor executor() const override { return io_.get_executor(); }
    std::shared_ptr<echosocket::detail::stream_end> stream() const override { return nullptr; }
    unsigned max_nesting() const noexcept override { return nesting; }
    std::size_t max_json_values() const noexcept override { return json_values; }
    void log(log_level level, std::string_view text) const override {
        logged = std::string(name_of(level)) + ": " + std::string(text);
    }

    std::optional<time_point> due;
    unsigned nesting = 64;
    std::size_t json_values = 1'000'000;
    echosocket::content_type type = echosocket::content_type::json;
    mutable testing::manual_clock time;
    mutable std::string logged;

private:
    asio::io_context& io_;
};

/// Serves calls by one handler, as a connection would.
class served_task {
public:
    template <class Handler>
    explicit served_task(Handler handler) : task_(detail::make_task(std::move(handler))) {}

    recorded_reply call(std::string_view body) {
        recorded_reply reply;
        serve(body, reply);
        return reply;
    }

    /// Rethrows the handler's exceptions.
    void serve(std::string_view body, detail::reply_sink& reply) {
        if (!task_->may_suspend(body.size())) return task_->run(context_, body, reply);
        std::exception_ptr thrown;
        asio::co_spawn(io_, task_->start(context_, body, reply), [&thrown](std::exception_ptr why) { thrown = why; });
        io_.restart();
        for (io_.poll(); !io_.stopped() && environment.time.advance_to_next();) io_.poll();
        if (thrown) std::rethrow_exception(thrown);
    }

    /// The detail of the `bad_request` for `body`; empty if there is none.
    std::string complaint(std::string_view body) {
        const auto reply = call(body);
        const bool refused = reply.error && reply.error->code == errc::bad_request && reply.answers == 1;
        return refused ? reply.error->detail : std::string();
    }

    detail::task& task() { return *task_; }

private:
    asio::io_context io_;

public:
    fake_call environment{io_};

private:
    task_context context_{environment};
    std::unique_ptr<detail::task> task_;
};

template <class Handler>
recorded_reply reply_of(Handler handler, std::string_view body) {
    return served_task(std::move(handler)).call(body);
}

template <class Handler>
std::string complaint_of(Handler handler, std::string_view body) {
    return served_task(std::move(handler)).complaint(body);
}

}  // namespace echosocket::test
