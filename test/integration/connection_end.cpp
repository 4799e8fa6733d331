// The end of a connection, and the result of the calls that were pending on it.
#include "integration/service_fixture.hpp"

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

/// A line that the system gives up one day, as TCP does if nothing that it sends is acknowledged.
class line_to_be_lost final : public transport {
public:
    explicit line_to_be_lost(std::unique_ptr<transport> below) : below_(std::move(below)) {}

    void lose() {
        lost_ = true;
        below_->close();
    }

    asio::awaitable<boost::system::error_code> wait_readable() override { return or_lost(below_->wait_readable()); }
    asio::awaitable<boost::system::error_code> wait_writable() override { return or_lost(below_->wait_writable()); }
    io_result read_some(asio::mutable_buffer into) override {
        return lost_ ? io_result{asio::error::timed_out} : below_->read_some(into);
    }
    io_result write_some(std::span<const asio::const_buffer> from) override {
        return lost_ ? io_result{asio::error::timed_out} : below_->write_some(from);
    }
    void shutdown_send() override { below_->shutdown_send(); }
    void close() override { below_->close(); }
    [[nodiscard]] std::string remote_address() const override { return below_->remote_address(); }

private:
    /// As on a socket, the read or write that follows tells of the error.
    asio::awaitable<boost::system::error_code> or_lost(asio::awaitable<boost::system::error_code> wait) const {
        const auto error = co_await std::move(wait);
        co_return lost_ ? boost::system::error_code() : error;
    }

    std::unique_ptr<transport> below_;
    bool lost_ = false;
};

struct end_fixture : service_fixture {
    void serve() {
        make().on("sleep", sleep_task);
        service->on("echo", echo_task);
        service->on("slow_echo", [](task_context& call, std::string text) -> asio::awaitable<std::string> {
            co_await call.sleep_for(1ms);
            co_return text;
        });
        start();
    }
    void pass(duration time) {
        clock.advance(time);
        settle();
    }
    errc reason_of_end(const client& c) {
        return run([&] { return c.closed(); }).code;
    }

    /// A whole conversation over a transport with faults; returns true if nothing failed.
    bool talk(testing::faults near, testing::faults far) {
        auto [ours, theirs] = testing::memory_pipe(near, far);
        service->attach(std::move(theirs));
        const auto conversation = [&]() -> asio::awaitable<std::string> {
            auto c = co_await client::connect(std::move(ours), client_settings);
            if (!c) co_return outcome(c);
            auto first = co_await c->call<std::string>("echo", "first");
            auto second = co_await c->call<std::string>("slow_echo", "second");
            auto third = co_await c->call<std::string>("echo", std::string(100'000, 't'));
            co_await c->close();
            if (first && *first != "first") co_return "a wrong answer";
            if (second && *second != "second") co_return "a wrong answer";
            co_return !first ? outcome(first) : !second ? outcome(second) : outcome(third);
        };
        const auto how = run_in_virtual_time(conversation);
        BOOST_TEST((how == "ok" || how == "connection_lost"), how);
        while (stats().connections != 0 && clock.advance_to_next()) settle();
        return how == "ok";
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(connection_end, end_fixture)

BOOST_AUTO_TEST_CASE(what_came_before_the_end_of_a_sending_direction_is_answered_if_it_is_at_once) {
    serve();
    auto peer = join_raw();
    (void)peer.greets();
    peer.sends(raw::request(1, "sleep", "1000") + raw::request(3, "echo", "last words"));
    peer.sends_no_more();
    peer.expects_reply(3, "last words");
    peer.expects_the_end();
    BOOST_TEST(stats().running_calls == 0U);
}

BOOST_AUTO_TEST_CASE(a_call_with_a_key_runs_on_behind_the_end_of_a_sending_direction) {
    serve();
    auto peer = join_raw();
    (void)peer.greets();
    const auto once = raw::meta({.name = "sleep", .idempotency_key = "once"});
    peer.sends(raw::bytes_of({raw::frame_kind::request, 0, 1, once, "1000"}));
    peer.sends_no_more();
    peer.expects_the_end();
    BOOST_TEST(stats().running_calls == 1U);
    pass(1s);
    BOOST_TEST(stats().running_calls == 0U);
}

BOOST_AUTO_TEST_CASE(close_ends_every_pending_call) {
    settings.limits.max_calls = 2;
    serve();
    auto c = join();
    std::vector<spawned<result<int>>> calls;
    for (int i = 0; i != 4; ++i) calls.push_back(begin<int>(c, "sleep", 1000));
    settle();
    leave(c);
    for (std::size_t i = 0; i != calls.size(); ++i) {
        const auto ended = run(calls[i]);
        BOOST_TEST(outcome(ended) == "connection_closed");
        BOOST_TEST(ended.error().started == (i < 2));
    }
    BOOST_TEST(!c.connected());
    BOOST_TEST((reason_of_end(c) == errc::connection_closed));
    BOOST_TEST(outcome(ask<std::string>(c, "echo", "x")) == "connection_closed");
    leave(c);
    settle();
    BOOST_TEST(stats().running_calls == 0U);
}

BOOST_AUTO_TEST_CASE(the_last_copy_of_a_client_takes_its_connection_and_its_calls_with_it) {
    serve();
    auto c = join();
    auto copy = c;
    auto call = begin<int>(c, "sleep", 1000);
    settle();
    c = client();
    settle();
    BOOST_TEST((copy.connected() && !call.done()));
    copy = client();
    BOOST_TEST(outcome(run(call)) == "connection_closed");
    settle();
    BOOST_TEST((stats().connections == 0U && stats().running_calls == 0U));
}

BOOST_AUTO_TEST_CASE(a_lost_connection_ends_every_pending_call) {
    auto [c, raw] = join_raw_server({.name = "narrow", .max_calls = 2});
    std::vector<spawned<result<void>>> calls;
    for (int i = 0; i != 4; ++i) calls.push_back(begin(c, "any"));
    settle();
    auto end = spawn([&c = c] { return c.closed(); });
    raw.leaves();
    for (std::size_t i = 0; i != calls.size(); ++i) {
        const auto ended = run(calls[i]);
        BOOST_TEST(outcome(ended) == "connection_lost");
        BOOST_TEST(ended.error().retryable);
        BOOST_TEST(ended.error().started == (i < 2));
    }
    BOOST_TEST((run(end).code == errc::connection_lost));
    BOOST_TEST(outcome(ask(c, "any")) == "connection_lost");
}

BOOST_AUTO_TEST_CASE(a_line_that_the_system_times_out_is_lost_before_any_ping_goes_unanswered) {
    const auto log = std::make_shared<std::vector<std::string>>();
    settings.log = client_settings.log = [log](log_level, std::string_view text) { log->emplace_back(text); };
    serve();
    for (const bool at_the_client : {true, false}) {
        auto [near, far] = testing::memory_pipe();
        auto line = std::make_unique<line_to_be_lost>(std::move(at_the_client ? near : far));
        auto& lost = *line;
        (at_the_client ? near : far) = std::move(line);
        service->attach(std::move(far));
        auto c = value_of(run([&, &near = near] { return client::connect(std::move(near), client_settings); }));
        auto call = begin<int>(c, "sleep", 1000);
        settle();
        BOOST_TEST(stats().running_calls == 1U);
        log->clear();
        lost.lose();
        const auto ended = run(call);
        BOOST_TEST(outcome(ended) == "connection_lost");
        BOOST_TEST((ended.error().retryable && ended.error().started));
        BOOST_TEST((reason_of_end(c) == errc::connection_lost));
        settle();
        BOOST_TEST(stats().running_calls == 0U);
        BOOST_TEST(std::ranges::any_of(*log, [](const std::string& text) {
            return text.find("connection_lost: the connection was lost: Connection timed out") != text.npos;
        }));
    }
    BOOST_TEST(stats().closed["connection_lost"] == 1U, "what a client lost came to the server as an end in order");
}

BOOST_AUTO_TEST_CASE(a_reason_that_the_other_end_gives_reaches_every_pending_call) {
    auto [c, raw] = join_raw_server();
    auto call = begin(c, "any");
    settle();
    raw.sends(raw::error(0, errc::abusive, "slower, please"));
    const auto ended = run(call);
    BOOST_TEST(outcome(ended) == "abusive");
    BOOST_TEST(ended.error().detail.find("slower, please") != std::string::npos);
    raw.leaves();
    BOOST_TEST((reason_of_end(c) == errc::abusive));
}

BOOST_AUTO_TEST_CASE(a_server_that_breaks_the_protocol_is_left_with_that_reason) {
    auto [c, raw] = join_raw_server();
    auto call = begin(c, "any");
    (void)raw.expects_frame();
    raw.sends(raw::hello());
    BOOST_TEST(outcome(run(call)) == "protocol_error");
    raw.expects_the_end_because(errc::protocol_error);
    BOOST_TEST((reason_of_end(c) == errc::protocol_error));
}

BOOST_AUTO_TEST_CASE(who_calls_again_at_once_after_a_loss_does_not_recurse) {
    auto [c, raw] = join_raw_server();
    auto stubborn = spawn([&c = c]() -> asio::awaitable<int> {
        int losses = 0;
        for (int i = 0; i != 20'000; ++i) {
            auto reply = co_await c.call("any");
            losses += reply ? 0 : 1;
        }
        co_return losses;
    });
    settle();
    raw.leaves();
    BOOST_TEST(run(stubborn) == 20'000);
}

BOOST_AUTO_TEST_CASE(several_may_wait_for_the_end_and_close_at_once) {
    serve();
    auto c = join();
    std::vector<spawned<failure>> watchers;
    for (int i = 0; i != 3; ++i) watchers.push_back(spawn([&] { return c.closed(); }));
    settle();
    std::vector<spawned<void>> closers;
    for (int i = 0; i != 3; ++i) closers.push_back(spawn([&] { return c.close(); }));
    for (auto& closer : closers) run(closer);
    for (auto& watcher : watchers) BOOST_TEST((run(watcher).code == errc::connection_closed));
}

BOOST_AUTO_TEST_CASE(whoever_waits_for_the_end_may_give_up) {
    serve();
    auto c = join();
    auto watcher = spawn([&] { return c.closed(); });
    settle();
    watcher.cancel();
    BOOST_TEST((run(watcher).code == errc::cancelled));
    BOOST_TEST(value_of(ask<std::string>(c, "echo", "still here")) == "still here");
    leave(c);
}

BOOST_AUTO_TEST_CASE(close_waits_for_an_other_end_that_never_closes_but_not_for_ever) {
    auto [c, raw] = join_raw_server();
    auto closing = spawn([&c = c] { return c.close(); });
    settle();
    BOOST_TEST(!closing.done());
    pass(1s);
    BOOST_TEST(closing.done());
    raw.leaves();
}

BOOST_AUTO_TEST_CASE(whichever_read_write_or_wait_fails_every_call_is_answered) {
    serve();
    for (const bool at_the_client : {true, false}) {
        for (const auto what :
             {&testing::faults::fail_read, &testing::faults::fail_write, &testing::faults::fail_wait}) {
            bool went_well = false;
            for (std::size_t n = 0; n != 60 && !went_well; ++n) {
                testing::faults faults;
                faults.*what = n;
                BOOST_TEST_CONTEXT("step " << n << (at_the_client ? " of the client" : " of the server"))
                went_well = at_the_client ? talk(faults, {}) : talk({}, faults);
            }
            BOOST_TEST(went_well);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
