// Notifications and their handling at the other end.
#include "integration/service_fixture.hpp"
#include "wire/meta.hpp"

#include <boost/asio/this_coro.hpp>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

std::string notify_bytes(std::string_view topic, std::string_view body) {
    return raw::bytes_of({raw::frame_kind::notify, 0, 0, raw::meta({.name = topic}), std::string(body)});
}

struct notifications_fixture : service_fixture {
    std::string seen;  ///< The handled notifications, in order.
    std::vector<std::string> logged;
    peer other;

    notifications_fixture() {
        settings.log = [this](log_level level, std::string_view text) {
            if (level >= log_level::warning) logged.emplace_back(text);
        };
    }
    void serve() {
        service->on_connect([this](const peer& who) -> result<void> {
            other = who;
            return {};
        });
        service->on("echo", echo_task);
        start();
    }
    auto note() {
        return [this](std::string_view text) { seen += std::string(text.substr(0, 8)) + ' '; };
    }
    /// Handles a notification after sleeping for the given ms.
    auto note_later() {
        return [this](task_context& call, int milliseconds) -> asio::awaitable<void> {
            seen += "begin ";
            try {
                co_await call.sleep_for(std::chrono::milliseconds(milliseconds));
            } catch (const boost::system::system_error&) {
                seen += call.cancelled() ? "cancelled " : "aborted ";
                throw;
            }
            seen += "end ";
        };
    }
    ~notifications_fixture() {
        other = {};
        finish();
    }
};

/// When cancelled, works for another second.
asio::awaitable<void> be_stubborn(task_context& call) {
    bool cancelled = false;
    try {
        co_await call.sleep_for(1h);
    } catch (const boost::system::system_error&) {
        cancelled = true;
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    if (cancelled) co_await call.sleep_for(1s);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(notifications)

BOOST_FIXTURE_TEST_CASE(both_ends_tell_each_other_in_order, notifications_fixture) {
    make().on_notify("up", note());
    serve();
    auto with = client_settings;
    with.handlers.on_notify("down", note());
    auto guest = join(with);
    for (const auto* text : {"1", "2", "3"}) BOOST_TEST(outcome(guest.notify("up", text)) == "ok");
    settle();
    BOOST_TEST(seen == "1 2 3 ");
    seen.clear();
    for (const auto* text : {"4", "5", "6"}) BOOST_TEST(outcome(other.notify("down", text)) == "ok");
    settle();
    BOOST_TEST(seen == "4 5 6 ");
    BOOST_TEST(other.info().notifications_in == 3U);
    BOOST_TEST(other.info().notifications_out == 3U);
    BOOST_TEST(stats().notifications_in == 3U);
    BOOST_TEST(stats().notifications_out == 3U);
    leave(guest);
    BOOST_TEST(stats().notifications_in == 3U, "the figures outlive the connection");
}

BOOST_FIXTURE_TEST_CASE(arguments_are_typed_as_those_of_tasks, notifications_fixture) {
    make().on_notify("sum", [this](int a, int b) { seen += std::to_string(a + b) + ' '; });
    service->on_notify("empty", [this] { seen += "empty "; });
    service->on_notify("raw", [this](task_context& call, std::string_view body) {
        seen += std::string(body) + (call.content_type() == content_type::json ? ":json " : ":bytes ");
        seen += std::string(call.trace_id()) + ' ';
    });
    serve();
    auto guest = join();
    notify_options traced;
    traced.trace_id = "t1";
    BOOST_TEST(outcome(guest.notify("sum", 40, 2)) == "ok");
    BOOST_TEST(outcome(guest.notify("empty")) == "ok");
    BOOST_TEST(outcome(guest.notify(traced, "raw", "text")) == "ok");
    BOOST_TEST(outcome(guest.notify("raw", std::vector<int>{1, 2})) == "ok");
    settle();
    BOOST_TEST(seen == "42 empty text:bytes t1 [1,2]:json  ");
    leave(guest);
}

BOOST_FIXTURE_TEST_CASE(a_handler_that_suspends_holds_up_those_behind_it_and_nothing_else, notifications_fixture) {
    make().on_notify("slow", note_later());
    service->on_notify("fast", note());
    serve();
    auto guest = join();
    auto neighbour = join();
    BOOST_TEST(outcome(guest.notify("slow", 10)) == "ok");
    BOOST_TEST(outcome(guest.notify("fast", "1")) == "ok");
    BOOST_TEST(outcome(guest.notify("slow", 10)) == "ok");
    BOOST_TEST(outcome(guest.notify("fast", "2")) == "ok");
    settle();
    BOOST_TEST(seen == "begin ");
    BOOST_TEST(value_of(ask<std::string>(guest, "echo", "hi")) == "hi");
    BOOST_TEST(outcome(neighbour.notify("fast", "other")) == "ok");
    settle();
    BOOST_TEST(seen == "begin other ");
    clock.advance(10ms);
    settle();
    BOOST_TEST(seen == "begin other end 1 begin ");
    clock.advance(10ms);
    settle();
    BOOST_TEST(seen == "begin other end 1 begin end 2 ");
    leave(guest);
    leave(neighbour);
}

BOOST_FIXTURE_TEST_CASE(coroutines_that_do_not_suspend_are_run_for_all_that_came_at_once, notifications_fixture) {
    make().on_notify("n", [this](std::string text) -> asio::awaitable<void> {
        seen += text + ' ';
        co_return;
    });
    service->on_notify("plain", note());
    serve();
    auto guest = join_raw();
    guest.greets();
    guest.sends(notify_bytes("n", "1") + notify_bytes("n", "2") + notify_bytes("plain", "3") + notify_bytes("n", "4"));
    BOOST_TEST(seen == "1 2 3 4 ");
    guest.leaves();
}

BOOST_FIXTURE_TEST_CASE(one_handler_may_listen_to_all_other_topics, notifications_fixture) {
    make().on_any_notify([this](task_context& call, std::string_view) { seen += std::string(call.task()) + ' '; });
    service->on_notify("known", note());
    serve();
    auto guest = join();
    for (const auto* topic : {"a", "known", "b"}) BOOST_TEST(outcome(guest.notify(topic, "x")) == "ok");
    settle();
    BOOST_TEST(seen == "a x b ");
    leave(guest);
}

BOOST_FIXTURE_TEST_CASE(handlers_that_fail_are_logged_and_harm_nothing, notifications_fixture) {
    make().on_notify("throws", [] { throw std::runtime_error("out of paper"); });
    service->on_notify("throws later", [](task_context& call) -> asio::awaitable<void> {
        co_await call.sleep_for(1ms);
        throw std::runtime_error("out of ink");
    });
    service->on_notify("fails", []() -> result<void> { return failure(errc::task_failed, "out of order"); });
    service->on_notify("throws oddly", [] { throw 7; });
    service->on_notify("typed", [this](int) { seen += "never "; });
    service->on_notify("fine", note());
    serve();
    auto guest = join();
    for (const auto* topic : {"throws", "throws later", "fails", "throws oddly", "typed"})
        BOOST_TEST(outcome(guest.notify(topic)) == "ok");
    BOOST_TEST(outcome(guest.notify("fine", "1")) == "ok");
    settle();
    clock.advance(1ms);
    settle();
    BOOST_TEST(seen == "1 ");
    BOOST_TEST(guest.connected());
    BOOST_REQUIRE(logged.size() == 5U);
    const char* const texts[] = {"out of paper", "out of ink", "out of order", "no std::exception", "typed"};
    for (std::size_t i = 0; i != 5; ++i) BOOST_TEST(logged[i].find(texts[i]) != std::string::npos, logged[i]);
    leave(guest);
}

BOOST_FIXTURE_TEST_CASE(large_ones_in_pieces_keep_their_place, notifications_fixture) {
    settings.limits.max_frame = client_settings.limits.max_frame = 1024;
    make().on_notify("n", note());
    serve();
    auto with = client_settings;
    with.handlers.on_notify("n", note());
    auto guest = join(with);
    const auto tell = [&](const auto& whom) {
        for (const auto* text : {"a", "b", "c"}) {
            BOOST_TEST(outcome(whom.notify("n", text + std::string(50'000, '!'))) == "ok");
            BOOST_TEST(outcome(whom.notify("n", text)) == "ok");
        }
        settle();
        BOOST_TEST(seen == "a!!!!!!! a b!!!!!!! b c!!!!!!! c ");
        seen.clear();
    };
    tell(guest);
    tell(other);
    BOOST_TEST(value_of(ask<std::string>(guest, "echo", "hi")) == "hi");
    leave(guest);
}

BOOST_FIXTURE_TEST_CASE(over_tcp_too_all_arrive_in_order, notifications_fixture) {
    settings.limits.max_frame = client_settings.limits.max_frame = 16 * 1024;
    std::vector<int> there;
    std::vector<int> back;
    const auto number_of = [](std::string_view text) { return std::stoi(std::string(text)); };
    make().on_notify("n", [&](std::string_view text) { there.push_back(number_of(text)); });
    serve();
    client_settings.handlers.on_notify("n", [&](std::string_view text) { back.push_back(number_of(text)); });
    auto guest = join_at("127.0.0.1:" + std::to_string(service->port()));
    std::vector<int> expected;
    for (int i = 0; i != 300; ++i) {
        const auto text = std::to_string(i) + std::string(i % 10 == 0 ? 40'000U : 10U, ' ');
        BOOST_TEST(outcome(guest.notify("n", text)) == "ok");
        BOOST_TEST(outcome(other.notify("n", text)) == "ok");
        expected.push_back(i);
        settle();
    }
    run_until([&] { return there.size() == 300 && back.size() == 300; });
    BOOST_TEST(there == expected, boost::test_tools::per_element());
    BOOST_TEST(back == expected, boost::test_tools::per_element());
    leave(guest);
    run_until([this] { return !other.connected(); });
}

BOOST_FIXTURE_TEST_CASE(one_too_large_for_a_member_of_a_group_is_dropped_for_it_and_counted, notifications_fixture) {
    client_settings.limits.max_frame = client_settings.limits.max_message = 16 * 1024;
    make();
    serve();
    auto with = client_settings;
    with.handlers.on_notify("n", note());
    auto guest = join(with);
    const std::string large(16 * 1024 + 1, '!');
    BOOST_TEST(outcome(other.notify("n", large)) == "message_too_large");
    settle();
    BOOST_TEST(other.info().dropped == 0U);
    service->broadcast("n", large);
    BOOST_TEST(outcome(other.notify("n", "next")) == "ok");
    settle();
    BOOST_TEST(seen == "next ");
    BOOST_TEST(other.info().dropped == 1U);
    BOOST_REQUIRE(logged.size() == 1U);
    BOOST_TEST(logged.front().find("16385 bytes") != std::string::npos);
    leave(guest);
}

BOOST_FIXTURE_TEST_CASE(what_a_sender_without_credit_says_to_a_slow_handler_is_bounded, notifications_fixture) {
    settings.limits.handling_queue = 10'000;
    make().on_notify("slow", note_later());
    service->on_notify("n", note());
    serve();
    auto guest = join_raw();
    guest.greets();
    for (int round = 0; round != 2; ++round) {
        seen.clear();
        guest.sends(notify_bytes("slow", "10"));
        for (int i = 0; i != 30; ++i) guest.sends(notify_bytes("n", std::to_string(i) + std::string(1000, ' ')));
        settle();
        BOOST_TEST(other.info().dropped == 21U * static_cast<unsigned>(round + 1));
        BOOST_TEST(logged.size() == static_cast<unsigned>(round + 1), "one line for many drops");
        clock.advance(10ms);
        settle();
        BOOST_TEST(seen.starts_with("begin end 0 "));
        BOOST_TEST(seen.find("8 ") != std::string::npos);
        BOOST_TEST(seen.find("9 ") == std::string::npos);
    }
    BOOST_TEST(stats().dropped == 42U);
    BOOST_TEST(stats().notifications_in == 62U);
    guest.leaves();
}

BOOST_FIXTURE_TEST_CASE(a_shutdown_waits_for_handlers_that_run, notifications_fixture) {
    make().on_notify("slow", note_later());
    serve();
    auto guest = join();
    BOOST_TEST(outcome(guest.notify("slow", 3000)) == "ok");
    settle();
    const auto report = stop();
    BOOST_TEST((report.took == 3s));
    BOOST_TEST(report.closed == 0U);
    BOOST_TEST(seen == "begin end ");
    leave(guest);
}

BOOST_FIXTURE_TEST_CASE(a_shutdown_cancels_handlers_that_take_too_long, notifications_fixture) {
    make().on_notify("slow", note_later());
    serve();
    auto guest = join();
    BOOST_TEST(outcome(guest.notify("slow", 3'600'000)) == "ok");
    settle();
    const auto report = stop();
    BOOST_TEST((report.took == 10s));
    BOOST_TEST(report.closed == 0U);
    BOOST_TEST(seen == "begin cancelled ");
    leave(guest);
}

BOOST_FIXTURE_TEST_CASE(nothing_begins_once_the_time_of_a_drain_is_up, notifications_fixture) {
    settings.cancel_timeout = 5s;
    make().on_notify("stubborn", be_stubborn);
    service->on_notify("slow", note_later());
    serve();
    auto guest = join_raw();
    guest.greets();
    guest.sends(notify_bytes("stubborn", ""));
    service->stop();
    settle();
    clock.advance(10s);  // the drain's end
    settle();
    guest.sends(notify_bytes("slow", "3600000"));
    guest.sends(raw::bytes_of({.kind = wire::frame_kind::pong, .body = "goaway"}));
    const auto report = ended();
    BOOST_TEST((report.took == 12s));  // the last of it for the other end's end
    BOOST_TEST(report.closed == 0U);
    BOOST_TEST(seen == "");
}

BOOST_FIXTURE_TEST_CASE(no_first_notification_begins_once_the_time_of_a_drain_is_up, notifications_fixture) {
    settings.cancel_timeout = 5s;
    make().on_notify("slow", note_later());
    service->on("stubborn", be_stubborn);
    serve();
    auto guest = join_raw();
    guest.greets();
    guest.sends(raw::request(1, "stubborn"));
    service->stop();
    settle();
    clock.advance(10s);  // the drain's end
    settle();
    guest.sends(raw::bytes_of({.kind = wire::frame_kind::pong, .body = "goaway"}) + notify_bytes("slow", "3600000"));
    const auto report = ended();
    BOOST_TEST((report.took == 12s));  // the last of it for the other end's end
    BOOST_TEST(report.closed == 0U);
    BOOST_TEST(seen == "");
}

BOOST_FIXTURE_TEST_CASE(the_end_of_the_connection_cancels_the_handler_and_forgets_what_waits, notifications_fixture) {
    make().on_notify("slow", note_later());
    service->on_notify("n", note());
    serve();
    auto guest = join();
    BOOST_TEST(outcome(guest.notify("slow", 1000)) == "ok");
    BOOST_TEST(outcome(guest.notify("n", "never")) == "ok");
    settle();
    leave(guest);
    settle();
    BOOST_TEST(seen == "begin cancelled ");
    BOOST_TEST(logged.empty(), "a handler that was cancelled did not fail");
    BOOST_TEST(stats().connections == 0U);
}

BOOST_FIXTURE_TEST_CASE(what_nobody_listens_to_is_dropped_quietly, notifications_fixture) {
    make();
    serve();
    auto guest = join();
    for (int i = 0; i != 5; ++i) BOOST_TEST(outcome(guest.notify("nobody", i)) == "ok");
    for (int i = 0; i != 5; ++i) BOOST_TEST(outcome(other.notify("nobody", i)) == "ok");
    settle();
    BOOST_TEST(logged.empty());
    BOOST_TEST(other.info().notifications_in == 5U);
    BOOST_TEST(other.info().dropped == 0U);
    BOOST_TEST(value_of(ask<std::string>(guest, "echo", "hi")) == "hi");
    leave(guest);
}

BOOST_FIXTURE_TEST_CASE(names_and_trace_ids_that_do_not_fit_are_refused_at_once, notifications_fixture) {
    make();
    serve();
    auto guest = join();
    notify_options traced;
    traced.trace_id = std::string(65, 't');
    for (const std::string& name : {std::string(), std::string(256, 'x'), std::string("a\xff")}) {
        BOOST_TEST(outcome(guest.notify(name)) == "invalid_name");
        BOOST_TEST(outcome(other.notify(name)) == "invalid_name");
        BOOST_CHECK_THROW(service->broadcast(name), usage_error);
        BOOST_CHECK_THROW(service->publish(name), usage_error);
        BOOST_CHECK_THROW(service->group("room").notify(name), usage_error);
    }
    BOOST_TEST(outcome(guest.notify(traced, "n")) == "bad_request");
    settle();
    BOOST_TEST(stats().notifications_in == 0U);
    leave(guest);
}

BOOST_FIXTURE_TEST_CASE(a_handler_may_notify_whoever_notified_it, notifications_fixture) {
    make().on_notify("ping", [](task_context& call, int n) { (void)call.peer().notify("pong", n); });
    serve();
    int last = 0;
    auto with = client_settings;
    with.handlers.on_notify("pong", [&](task_context& call, int n) {
        last = n;
        if (n != 100) (void)call.peer().notify("ping", n + 1);
    });
    auto guest = join(with);
    BOOST_TEST(outcome(guest.notify("ping", 1)) == "ok");
    settle();
    BOOST_TEST(last == 100);
    leave(guest);
}

BOOST_AUTO_TEST_SUITE_END()
