// Failing tasks: the caller's error, and the log.
#include "integration/service_fixture.hpp"

#include <stdexcept>
#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

struct failures_fixture : service_fixture {
    struct line {
        log_level level;
        std::string text;
    };
    std::vector<line> log;

    failures_fixture() {
        settings.log = [this](log_level level, std::string_view text) { log.push_back({level, std::string(text)}); };
    }
    ~failures_fixture() { finish(); }

    void serve() {
        make().on("throw", []() -> int { throw std::runtime_error("secret of the server"); });
        service->on("throw_seven", []() -> int { throw 7; });
        service->on("throw_late", [](task_context& call) -> asio::awaitable<int> {
            co_await call.sleep_for(0ms);
            throw std::runtime_error("secret told late");
        });
        service->on("refuse", []() -> result<int> {
            failure why(static_cast<errc>(1234), "not today");
            why.retryable = true;
            return why;
        });
        service->on("answer", [](int code) -> result<int> { return failure(static_cast<errc>(code), "as asked"); });
        service->on("ask_back", [](task_context& call) -> asio::awaitable<result<int>> {
            co_return co_await call.peer().call<int>("nothing that a client serves");
        });
        service->on("wait", sleep_task);
        service->on("add", [](int a, int b) { return a + b; });
        service->on("say", [](task_context& call) { call.log(log_level::info, "said by a task"); });
        start();
    }
    [[nodiscard]] bool logged(log_level level, std::string_view part) const {
        return std::ranges::any_of(
            log, [&](const line& l) { return l.level == level && l.text.find(part) != std::string::npos; });
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(failures, failures_fixture)

BOOST_AUTO_TEST_CASE(an_exception_s_text_goes_to_the_log_and_not_to_the_caller) {
    serve();
    auto c = join();
    for (const auto* task : {"throw", "throw_late"}) {
        const auto failed = ask<int>(c, task);
        BOOST_TEST(outcome(failed) == "task_failed");
        BOOST_TEST(failed.error().detail.find("secret") == std::string::npos);
        BOOST_TEST(failed.error().started);
        BOOST_TEST(!failed.error().retryable);
    }
    BOOST_TEST(outcome(ask<int>(c, "throw_seven")) == "task_failed");
    BOOST_TEST(logged(log_level::error, "secret of the server"));
    BOOST_TEST(logged(log_level::error, "secret told late"));
    BOOST_TEST(logged(log_level::error, "throw_seven"));
    BOOST_TEST(value_of(ask<int>(c, "add", 1, 2)) == 3);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_peer_that_makes_a_task_throw_a_thousand_times_does_not_fill_the_log) {
    serve();
    auto c = join();
    auto other = join();
    log.clear();
    for (int i = 0; i != 500; ++i) {
        BOOST_REQUIRE(outcome(ask<int>(c, "throw")) == "task_failed");
        BOOST_REQUIRE(outcome(ask<int>(other, "throw_seven")) == "task_failed");
    }
    BOOST_TEST(log.size() == 20U);
    clock.advance(1s);
    BOOST_TEST(outcome(ask<int>(c, "throw")) == "task_failed");
    BOOST_TEST(log.size() == 21U);
    BOOST_TEST(logged(log_level::error, "secret of the server (and 980 more like it before)"));
    BOOST_TEST(outcome(ask<int>(c, "throw")) == "task_failed");
    leave(c);
    leave(other);
    (void)stop();
    BOOST_TEST(logged(log_level::warning, "1 more lines like those before were not logged: a task failed"));
}

BOOST_AUTO_TEST_CASE(an_exception_s_text_is_sent_where_the_config_allows) {
    settings.send_exception_text = true;
    serve();
    auto c = join();
    BOOST_TEST(ask<int>(c, "throw").error().detail == "secret of the server");
    BOOST_TEST(ask<int>(c, "throw_late").error().detail == "secret told late");
    BOOST_TEST(logged(log_level::error, "secret of the server"));
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_failure_that_a_task_returns_arrives_as_it_is) {
    serve();
    auto c = join();
    const auto failed = ask<int>(c, "refuse");
    BOOST_TEST(static_cast<int>(failed.error().code) == 1234);
    BOOST_TEST(outcome(failed) == "application");
    BOOST_TEST(failed.error().detail == "not today");
    BOOST_TEST(failed.error().retryable);
    BOOST_TEST(failed.error().started);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_task_s_failure_is_the_task_s_whatever_its_code) {
    serve();
    auto c = join();
    for (const auto code : {errc::shutting_down, errc::connection_lost, errc::refused, errc::deadline_exceeded,
                            errc::cancelled, errc::unknown_task, errc::overloaded, errc::application}) {
        const auto failed = ask<int>(c, "answer", static_cast<int>(code));
        BOOST_TEST(outcome(failed) == name_of(code));
        BOOST_TEST(name_of(failed.error().origin) == "task", name_of(code));
        BOOST_TEST(!is_connection_error(failed.error()), name_of(code));
        BOOST_TEST(c.connected());
    }
    BOOST_TEST(name_of(ask<int>(c, "throw").error().origin) == "task");
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_failure_that_a_task_passes_on_is_the_task_s) {
    serve();
    auto c = join();
    const auto failed = ask<int>(c, "ask_back");
    BOOST_TEST(outcome(failed) == "unknown_task");
    BOOST_TEST(name_of(failed.error().origin) == "task");
    leave(c);
}

BOOST_AUTO_TEST_CASE(what_the_server_itself_answers_is_of_the_other_end) {
    serve();
    auto c = join();
    BOOST_TEST(name_of(ask(c, "ad").error().origin) == "other_end");
    BOOST_TEST(name_of(ask<int>(c, "add", 1, "two").error().origin) == "other_end");
    leave(c);
}

BOOST_AUTO_TEST_CASE(what_this_end_finds_is_of_this_end) {
    serve();
    auto c = join();
    BOOST_TEST(name_of(ask(c, "").error().origin) == "this_end");
    BOOST_TEST(name_of(ask<std::vector<int>>(c, "add", 1, 2).error().origin) == "this_end");
    auto call = begin<int>(c, "wait", 60'000);
    settle();
    leave(c);
    const auto lost = run(call);
    BOOST_TEST(outcome(lost) == "connection_closed");
    BOOST_TEST(name_of(lost.error().origin) == "this_end");
    BOOST_TEST(is_connection_error(lost.error()));
}

BOOST_AUTO_TEST_CASE(what_the_library_s_own_tasks_refuse_is_of_the_other_end) {
    settings.may_subscribe = [](const peer&, std::string_view) -> result<void> {
        return failure(errc::shutting_down, "this topic ends");
    };
    serve();
    auto c = join();
    const std::vector<std::string> invalid{std::string(256, 'x')};
    BOOST_TEST((ask(c, "$stop").error().origin == failure_origin::other_end));
    BOOST_TEST((ask(c, "$subscribe", invalid).error().origin == failure_origin::other_end));
    const auto decided = run([&] { return c.subscribe("news"); });
    BOOST_TEST((decided.error().origin == failure_origin::task));
    leave(c);
}

BOOST_AUTO_TEST_CASE(no_answer_of_a_task_is_abuse_by_its_caller) {
    settings.limits.abuse_burst = 10;
    settings.limits.abuse_per_second = 0;
    settings.may_subscribe = [](const peer&, std::string_view) { return failure(errc::not_allowed, "not you"); };
    serve();
    auto caller = join_raw();
    (void)caller.greets();
    for (const auto code : {errc::unknown_task, errc::bad_request, errc::not_allowed, errc::overloaded})
        for (int i = 0; i != 1000; ++i) {
            caller.sends(raw::request(1, "answer", std::to_string(static_cast<int>(code))));
            caller.expects_error(1, code);
        }
    for (int i = 0; i != 1000; ++i) {
        caller.sends(raw::request(1, "$subscribe", R"(["news"])"));
        caller.expects_error(1, errc::not_allowed);
    }
    for (int i = 0; i != 11; ++i) caller.sends(raw::request(1, "answer", "no code"));
    caller.expects_the_end_at_last_because(errc::abusive);
}

BOOST_AUTO_TEST_CASE(an_unknown_task_is_answered_with_the_known_ones) {
    serve();
    auto c = join();
    const auto failed = ask(c, "ad");
    BOOST_TEST(outcome(failed) == "unknown_task");
    BOOST_TEST(failed.error().detail.find("\"ad\"") != std::string::npos);
    BOOST_TEST(failed.error().detail.find("add, answer, ask_back, refuse, say, throw") != std::string::npos);
    BOOST_TEST(!failed.error().started);
    BOOST_TEST(!failed.error().retryable);
    leave(c);
}

BOOST_AUTO_TEST_CASE(of_very_many_known_tasks_some_are_named) {
    make();
    for (int i = 100; i != 300; ++i) service->on("task_" + std::to_string(i), [] {});
    start();
    auto c = join();
    const auto detail = ask(c, "nothing").error().detail;
    BOOST_TEST(detail.find("task_100, task_101") != std::string::npos);
    BOOST_TEST(detail.ends_with("..."));
    BOOST_TEST(detail.size() < 1000U);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_name_that_no_task_can_have_is_not_sent) {
    serve();
    auto c = join();
    for (const auto& name : {std::string(), std::string(256, 'n'), std::string("\xff")})
        BOOST_TEST(outcome(ask(c, name)) == "unknown_task");
    call_options traced;
    traced.trace_id = std::string(65, 't');
    BOOST_TEST(outcome(ask<int>(c, traced, "add", 1, 2)) == "bad_request");
    BOOST_TEST(stats().calls == 0U);
    leave(c);
}

BOOST_AUTO_TEST_CASE(arguments_that_do_not_fit_are_a_bad_request_that_says_why) {
    serve();
    auto c = join();
    const auto wrong = ask<int>(c, "add", 1, "two");
    BOOST_TEST(outcome(wrong) == "bad_request");
    BOOST_TEST(wrong.error().detail.find("argument 2") != std::string::npos);
    BOOST_TEST(wrong.error().detail.find("integer") != std::string::npos);
    BOOST_TEST(!wrong.error().started);
    BOOST_TEST(outcome(ask<int>(c, "add", 1)) == "bad_request");
    BOOST_TEST(outcome(ask<int>(c, "add", 1, 2, 3)) == "bad_request");
    BOOST_TEST(value_of(ask<int>(c, "add", 1, 2)) == 3);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_task_writes_to_the_server_s_log) {
    serve();
    auto c = join();
    BOOST_TEST(outcome(ask(c, "say")) == "ok");
    BOOST_TEST(logged(log_level::info, "said by a task"));
    leave(c);
}

BOOST_AUTO_TEST_CASE(what_a_peer_wrote_is_made_printable_in_the_log) {
    client_settings.name = "bell\a and\nline";
    serve();
    auto c = join();
    leave(c);
    BOOST_TEST(!log.empty());
    for (const auto& [level, text] : log) BOOST_TEST((text.find('\a') == text.npos && text.find('\n') == text.npos));
}

BOOST_AUTO_TEST_CASE(a_server_answers_calls_but_its_clients_serve_none) {
    auto [c, raw] = join_raw_server();
    raw.sends(raw::request(2, "anything"));
    raw.expects_error(2, errc::unknown_task);
    raw.leaves();
    leave(c);
}

BOOST_AUTO_TEST_SUITE_END()
