// Calls on a client while it has no connection.
#include "integration/sites_fixture.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

/// Counts how often an alarm is set.
class counting_clock final : public echosocket::clock {
public:
    explicit counting_clock(echosocket::clock& source) : source_(source) {}

    [[nodiscard]] time_point now() const noexcept override { return source_.now(); }
    [[nodiscard]] std::unique_ptr<echosocket::alarm> make_alarm(asio::any_io_executor executor) override {
        return std::make_unique<counted_alarm>(source_.make_alarm(std::move(executor)), set_);
    }
    [[nodiscard]] std::size_t set() const noexcept { return set_; }

private:
    class counted_alarm final : public alarm {
    public:
        counted_alarm(std::unique_ptr<alarm> beneath, std::size_t& set) : beneath_(std::move(beneath)), set_(set) {}
        void set(time_point when, std::function<void()> callback) override {
            ++set_;
            beneath_->set(when, std::move(callback));
        }
        void cancel() override { beneath_->cancel(); }

    private:
        std::unique_ptr<alarm> beneath_;
        std::size_t& set_;
    };

    echosocket::clock& source_;
    std::size_t set_ = 0;
};

struct waiting_fixture : sites_fixture {
    /// A client that was connected to site 0, which no longer answers.
    client join_and_lose() {
        open(0);
        auto c = join_sites(1);
        sites[0].how = manners::refuses;
        cut(0);
        return c;
    }
    void come_back() {
        sites[0].how = manners::serves;
        while (sites[0].lines.empty() && clock.advance_to_next()) settle();
        settle();
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(waiting_for_a_connection, waiting_fixture)

BOOST_AUTO_TEST_CASE(calls_wait_for_the_next_one) {
    auto c = join_and_lose();
    auto one = begin<std::string>(c, "where");
    auto two = begin<std::string>(c, "where");
    pass(300ms);
    BOOST_TEST((!one.done() && !two.done()));
    come_back();
    BOOST_TEST(value_of(run(one)) == "site 0");
    BOOST_TEST(value_of(run(two)) == "site 0");
    leave(c);
}

BOOST_AUTO_TEST_CASE(but_no_longer_than_their_timeouts) {
    client_settings.call_timeout = 5s;
    auto c = join_and_lose();
    auto short_one = begin<std::string>(c, with_timeout(150ms), "where");
    auto usual = begin<std::string>(c, "where");
    auto patient = begin<std::string>(c, with_timeout(0ms), "where");
    settle();
    pass(140ms);
    BOOST_TEST(!short_one.done());
    pass(10ms);
    const auto late = run(short_one);
    BOOST_TEST(outcome(late) == "deadline_exceeded");
    BOOST_TEST(!late.error().started);
    pass(4840ms);
    BOOST_TEST(!usual.done());
    pass(10ms);
    BOOST_TEST(outcome(run(usual)) == "deadline_exceeded");
    pass(1h, 10s);
    BOOST_TEST(!patient.done());
    come_back();
    BOOST_TEST(value_of(run(patient)) == "site 0");
    leave(c);
}

BOOST_AUTO_TEST_CASE(the_wait_counts_against_the_timeout) {
    auto c = join_and_lose();
    auto call = begin<int>(c, with_timeout(500ms), "sleep", 450);
    settle();
    pass(90ms);
    sites[0].how = manners::serves;
    pass(400ms);
    BOOST_TEST(c.connected());
    BOOST_TEST(!call.done());
    pass(10ms);
    BOOST_TEST(outcome(run(call)) == "deadline_exceeded");
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_timeout_that_is_over_already_waits_for_nothing) {
    auto c = join_and_lose();
    BOOST_TEST(outcome(ask<std::string>(c, with_timeout(-1ms), "where")) == "deadline_exceeded");
    call_options past;
    past.deadline = clock.now();
    BOOST_TEST(outcome(ask<std::string>(c, past, "where")) == "deadline_exceeded");
    leave(c);
}

BOOST_AUTO_TEST_CASE(the_longest_timeout_is_none) {
    auto c = join_and_lose();
    auto call = begin<std::string>(c, with_timeout(std::chrono::milliseconds::max()), "where");
    pass(1s);
    BOOST_TEST(!call.done());
    come_back();
    BOOST_TEST(value_of(run(call)) == "site 0");
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_call_that_waits_may_be_given_up) {
    auto c = join_and_lose();
    auto call = begin<std::string>(c, "where");
    settle();
    call.cancel();
    BOOST_TEST(outcome(run(call)) == "cancelled");
    leave(c);
}

BOOST_AUTO_TEST_CASE(no_more_of_them_wait_than_the_limit_says) {
    client_settings.limits.max_queued_calls = 2;
    auto c = join_and_lose();
    auto one = begin<std::string>(c, "where");
    auto two = begin<std::string>(c, "where");
    const auto refused = ask<std::string>(c, "where");
    BOOST_TEST(outcome(refused) == "overloaded");
    BOOST_TEST((refused.error().origin == failure_origin::this_end));
    BOOST_TEST(!refused.error().started);
    one.cancel();
    BOOST_TEST(outcome(run(one)) == "cancelled");
    auto three = begin<std::string>(c, "where");
    come_back();
    BOOST_TEST(value_of(run(two)) == "site 0");
    BOOST_TEST(value_of(run(three)) == "site 0");
    leave(c);
}

// Each that sets the alarm anew has walked all the others.
BOOST_AUTO_TEST_CASE(one_more_that_waits_costs_no_look_at_the_others) {
    counting_clock counted(clock);
    client_settings.clock = &counted;
    auto c = join_and_lose();
    std::vector<spawned<result<std::string>>> calls;
    for (int i = 0; i != 100; ++i) calls.push_back(begin<std::string>(c, with_timeout(1s), "where"));
    settle();
    const auto before = counted.set();
    for (int i = 0; i != 100; ++i) calls.push_back(begin<std::string>(c, with_timeout(1s), "where"));
    settle();
    BOOST_TEST(counted.set() == before);
    pass(1s);
    for (auto& call : calls) BOOST_TEST(outcome(run(call)) == "deadline_exceeded");
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_call_that_waits_ends_with_its_client) {
    auto c = join_and_lose();
    auto call = begin<std::string>(c, "where");
    settle();
    leave(c);
    BOOST_TEST(outcome(run(call)) == "connection_closed");
    BOOST_TEST(outcome(ask<std::string>(c, "where")) == "connection_closed");
}

BOOST_AUTO_TEST_CASE(a_call_that_waits_ends_when_the_client_gives_up) {
    client_settings.reconnect.max_rounds = 2;
    auto c = join_and_lose();
    auto call = begin<std::string>(c, "where");
    BOOST_TEST(outcome(run_in_virtual_time(call)) == "connect_failed");
    BOOST_TEST((c.state() == client_state::closed));
}

BOOST_AUTO_TEST_CASE(notifications_and_streams_wait_for_nothing) {
    auto c = join_and_lose();
    BOOST_TEST(outcome(c.notify("news", 1)) == "connection_lost");
    auto stream = c.open<int, int, int>("any");
    BOOST_TEST(outcome(run([&] { return stream.out().send(1); })) == "connection_lost");
    BOOST_TEST(outcome(run([&] { return stream.in().next(); })) == "connection_lost");
    BOOST_TEST(outcome(run([&] { return stream.reply(); })) == "connection_lost");
    BOOST_TEST(!c.peer().connected());
    come_back();
    BOOST_TEST(outcome(c.notify("news", 1)) == "ok");
    BOOST_TEST(c.server_name() == "EchoSocket");
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_come_back_waits_for_nothing) {
    client_settings.reconnect.enabled = false;
    auto c = join_and_lose();
    const auto answer = ask<std::string>(c, "where");
    BOOST_TEST(outcome(answer) == "connection_lost");
    BOOST_TEST(!answer.error().started);
}

BOOST_AUTO_TEST_SUITE_END()
