// Whatever code of the user's throws ends nothing but what it was asked for.
#include "integration/service_fixture.hpp"
#include "support/no_descriptors_left.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

/// A transport that throws when it is used for the nth time.
class throwing_line final : public transport {
public:
    throwing_line(std::unique_ptr<transport> line, int uses) : line_(std::move(line)), uses_(uses) {}
    asio::awaitable<boost::system::error_code> wait_readable() override {
        use();
        return line_->wait_readable();
    }
    asio::awaitable<boost::system::error_code> wait_writable() override {
        use();
        return line_->wait_writable();
    }
    io_result read_some(asio::mutable_buffer into) override {
        use();
        return line_->read_some(into);
    }
    io_result write_some(std::span<const asio::const_buffer> from) override {
        use();
        return line_->write_some(from);
    }
    void shutdown_send() override {
        use();
        line_->shutdown_send();
    }
    void close() override {
        line_->close();
        use();
    }
    [[nodiscard]] std::string remote_address() const override { return "throwing"; }

private:
    void use() {
        if (--uses_ == 0) throw 42;
    }

    std::unique_ptr<transport> line_;
    int uses_;
};

/// A clock that throws when an alarm is made for the nth time.
class throwing_clock final : public echosocket::clock {
public:
    throwing_clock(echosocket::clock& source, int alarms) : source_(source), alarms_(alarms) {}
    [[nodiscard]] time_point now() const noexcept override { return source_.now(); }
    [[nodiscard]] std::unique_ptr<echosocket::alarm> make_alarm(asio::any_io_executor executor) override {
        if (--alarms_ == 0) throw 42;
        return source_.make_alarm(std::move(executor));
    }

private:
    echosocket::clock& source_;
    int alarms_;
};

struct thrown_fixture : service_fixture {
    std::vector<std::string> log;
    std::vector<std::string> seen;

    ~thrown_fixture() { finish(); }
    void keep_log() {
        settings.log = [this](log_level level, std::string_view text) {
            if (level != log_level::debug) log.emplace_back(text);
        };
    }
    void serve() {
        make().on("throw", [](int number) -> int { throw number; });
        service->on("throw late", [](task_context& call, int number) -> asio::awaitable<int> {
            co_await call.sleep_for(0ms);
            throw number;
        });
        service->on("throw at an item", [](source<int>& in) -> asio::awaitable<int> {
            auto item = co_await in.next();
            throw item.value().value();
        });
        service->on("wait", sleep_task);
        service->on("add", [](int a, int b) { return a + b; });
        service->on_notify("throw", [](int number) { throw number; });
        service->on_notify("throw late", [](task_context& call, int number) -> asio::awaitable<void> {
            co_await call.sleep_for(0ms);
            throw number;
        });
        service->on_notify("see", [this](std::string what) { seen.push_back(std::move(what)); });
        start();
    }
    [[nodiscard]] bool is_logged(std::string_view part) const {
        return std::ranges::any_of(log, [part](const auto& line) { return line.find(part) != std::string::npos; });
    }
    void check_goes_on(const client& c) { BOOST_TEST(value_of(ask<int>(c, "add", 1, 2)) == 3); }
    void provoke(const client& c) {
        for (const auto* task : {"throw", "throw late"}) BOOST_TEST(outcome(ask<int>(c, task, 42)) == "task_failed");
        BOOST_TEST(outcome(ask<int>(c, once("a"), "throw", 42)) == "task_failed");
        auto call = c.open<int, int, void>("throw at an item");
        BOOST_TEST(outcome(run([&] { return call.out().send(42); })) == "ok");
        BOOST_TEST(outcome(run([&] { return call.reply(); })) == "task_failed");
        for (const auto* topic : {"throw", "throw late"}) BOOST_TEST(outcome(c.notify(topic, 42)) == "ok");
        BOOST_TEST(outcome(c.notify("see", "it goes on")) == "ok");
        settle();
        while (clock.alarms() != 0 && seen.empty()) clock.advance_to_next(), settle();
        BOOST_TEST(seen == std::vector<std::string>{"it goes on"}, boost::test_tools::per_element());
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(thrown_by_user_code, thrown_fixture)

BOOST_AUTO_TEST_CASE(handlers_fail_their_own_calls) {
    keep_log();
    serve();
    auto c = join();
    provoke(c);
    BOOST_TEST(stats().exceptions == 6U);
    BOOST_TEST(log.size() == 6U);
    check_goes_on(c);
    const auto figures = value_of(ask<boost::json::value>(c, "$stats")).as_object();
    BOOST_TEST(figures.at("exceptions").to_number<int>() == 6);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_log_sink_that_throws_at_every_line_changes_nothing) {
    settings.log = client_settings.log = [](log_level, std::string_view) { throw 42; };
    serve();
    auto c = join();
    provoke(c);
    check_goes_on(c);
    leave(c);
    auto other = join();
    auto running = begin<int>(other, "wait", 60'000);
    settle();
    BOOST_TEST(stats().exceptions > 12U);
    service->stop();
    (void)ended();  // the drain is over before the call is
    BOOST_TEST(outcome(run(running)) == "cancelled");
    leave(other);
}

BOOST_AUTO_TEST_CASE(an_on_connect_that_throws_refuses_its_client_with_a_reason) {
    keep_log();
    make().on_connect([](const peer& who) -> result<void> {
        if (who.name() == "Bob") throw 42;
        return {};
    });
    service->on("add", [](int a, int b) { return a + b; });
    start();
    auto bob = client_settings;
    bob.name = "Bob";
    const auto refused = run([&] { return client::connect(*service, bob); });
    BOOST_TEST_REQUIRE(outcome(refused) == "refused");
    BOOST_TEST(refused.error().detail.find("the server failed") != std::string::npos);
    BOOST_TEST(is_logged("a callback of on_connect threw"));
    auto c = join();
    check_goes_on(c);
    leave(c);
    BOOST_TEST(stats().exceptions == 1U);
}

BOOST_AUTO_TEST_CASE(an_on_disconnect_that_throws_keeps_none_of_the_others_from_being_called) {
    keep_log();
    make().on_disconnect([](const peer&, const failure&) { throw 42; });
    service->on_disconnect([this](const peer& who, const failure&) { seen.push_back(who.name()); });
    start();
    for (int i = 0; i != 2; ++i) {
        auto c = join();
        leave(c);
        settle();
    }
    BOOST_TEST(seen.size() == 2U);
    BOOST_TEST(is_logged("a callback of on_disconnect threw"));
}

BOOST_AUTO_TEST_CASE(a_may_subscribe_that_throws_fails_the_subscription) {
    keep_log();
    settings.may_subscribe = [](const peer&, std::string_view topic) -> result<void> {
        if (topic == "thrown") throw 42;
        return {};
    };
    serve();
    auto c = join();
    BOOST_TEST(outcome(run([&] { return c.subscribe("thrown"); })) == "task_failed");
    BOOST_TEST(outcome(run([&] { return c.subscribe("allowed"); })) == "ok");
    BOOST_TEST(service->group("thrown").size() == 0U);
    BOOST_TEST(service->group("allowed").size() == 1U);
    BOOST_TEST(stats().exceptions == 1U);
    leave(c);
}

BOOST_AUTO_TEST_CASE(an_on_state_that_throws_does_not_keep_a_client_from_its_connection) {
    serve();
    client_settings.reconnect.enabled = true;
    client_settings.on_state = [this](client_state now, const failure&) {
        seen.emplace_back(name_of(now));
        throw 42;
    };
    client_settings.log = [this](log_level, std::string_view text) { log.emplace_back(text); };
    auto c = join();
    check_goes_on(c);
    leave(c);
    const std::vector<std::string> states{"connecting", "connected", "closed"};
    BOOST_TEST(seen == states, boost::test_tools::per_element());
    BOOST_TEST(is_logged("on_state threw"));
}

BOOST_AUTO_TEST_CASE(a_transport_that_throws_loses_its_connection_alone) {
    keep_log();
    serve();
    auto other = join();
    for (int uses = 1; uses != 40; ++uses) {
        for (const bool is_near : {true, false}) {
            auto [near, far] = testing::memory_pipe();
            auto& thrower = is_near ? near : far;
            thrower = std::make_unique<throwing_line>(std::move(thrower), uses);
            service->attach(std::move(far));
            auto joined = run([&] { return client::connect(std::move(near), client_settings); });
            for (int calls = 0; joined && calls != 3; ++calls) {
                const auto sum = ask<int>(*joined, "add", 1, 2);
                BOOST_TEST((sum || is_connection_error(sum.error())), outcome(sum));
            }
            if (joined) leave(*joined);
            settle();
        }
        check_goes_on(other);
    }
    BOOST_TEST(is_logged("this side ended the connection"));
    BOOST_TEST(stats().exceptions > 10U);
    BOOST_TEST(stats().connections == 1U);
    leave(other);
}

BOOST_AUTO_TEST_CASE(a_completion_handler_s_exception_comes_out_of_run_and_the_connection_goes_on) {
    make().on("ask back", [](task_context& call) -> asio::awaitable<void> {
        auto who = call.peer();
        asio::co_spawn(call.executor(), who.call<int>("one"), [](std::exception_ptr, result<int>) { throw 42; });
        co_return;
    });
    service->on("add", [](int a, int b) { return a + b; });
    start();
    client_settings.handlers.on("one", [] { return 1; });
    auto c = join();
    auto call = begin<void>(c, "ask back");
    BOOST_CHECK_THROW(settle(), int);
    settle();
    BOOST_TEST(outcome(run(call)) == "ok");
    check_goes_on(c);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_cancellation_handler_that_throws_loses_nothing_else) {
    keep_log();
    make().on("wait", [](task_context& call) -> asio::awaitable<void> {
        auto state = co_await asio::this_coro::cancellation_state;
        while (!call.cancelled()) {
            state.slot().assign([](asio::cancellation_type) { throw 42; });
            co_await asio::post(call.executor(), asio::use_awaitable);
        }
    });
    service->on("add", [](int a, int b) { return a + b; });
    start();
    auto c = join();
    auto call = begin<void>(c, "wait");
    for (int i = 0; i != 100; ++i) io.poll_one();
    call.cancel();
    BOOST_TEST(outcome(run(call)) == "cancelled");
    check_goes_on(c);
    BOOST_TEST(is_logged("a cancellation handler threw"));
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_log_sink_that_throws_does_not_deafen_a_listener) {
    settings.log = [this](log_level, std::string_view text) {
        log.emplace_back(text);
        throw 42;
    };
    serve();
    asio::ip::tcp::socket early(io, asio::ip::tcp::v4());
    {
        const no_descriptors_left none;
        early.connect({asio::ip::address_v4::loopback(), service->port()});
        run_until([&] { return is_logged("can't accept"); });
    }
    clock.advance(1s);
    auto c = join_at(service->addresses().front());
    check_goes_on(c);
    leave(c);
}

BOOST_AUTO_TEST_CASE(run_ends_with_what_has_ended_its_accept_loop) {
    keep_log();
    throwing_clock broken(clock, 1);
    settings.clock = &broken;
    serve();
    BOOST_CHECK_THROW(static_cast<void>(run(*life)), int);
    BOOST_TEST(is_logged("an accept loop threw"));
    life.reset();
    service.reset();
}

BOOST_AUTO_TEST_SUITE_END()
