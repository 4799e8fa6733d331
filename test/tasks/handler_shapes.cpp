#include "tasks/served_call.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace es = echosocket;
namespace asio = boost::asio;
using es::test::reply_of;
using es::test::served_task;
using namespace std::chrono_literals;

namespace {

int doubled(int number) {
    return 2 * number;
}

int negated(int number) noexcept {
    return -number;
}

asio::awaitable<std::string> greeting(std::string name) {
    co_return "Hello, " + name;
}

asio::awaitable<int> slow_sum(es::task_context& context, const std::vector<int>& first, std::string_view second) {
    co_await context.sleep_for(1h);
    co_return std::accumulate(first.begin(), first.end(), static_cast<int>(second.size()));
}

asio::awaitable<es::result<int>> checked(int number) {
    if (number < 0) co_return es::failure(es::errc::not_allowed, "negative");
    co_return number;
}

asio::awaitable<es::result<void>> allowed(bool yes) {
    if (!yes) co_return es::failure(es::errc::not_allowed, "no");
    co_return es::result<void>();
}

asio::awaitable<void> throwing_later(es::task_context& context) {
    co_await context.sleep_for(1s);
    throw std::runtime_error("later");
}

struct counter {
    int calls = 0;
    int operator()() { return ++calls; }
};

struct const_adder {
    int base;
    int operator()(int number) const noexcept { return base + number; }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(handler_shapes)

BOOST_AUTO_TEST_CASE(functions_are_handlers) {
    BOOST_TEST(reply_of(doubled, "21").body == "42");
    BOOST_TEST(reply_of(&negated, "21").body == "-21");
}

BOOST_AUTO_TEST_CASE(lambdas_function_objects_and_std_function_are_handlers) {
    BOOST_TEST(reply_of([](int a, int b) { return a + b; }, "[1,2]").body == "3");
    BOOST_TEST(reply_of(const_adder{40}, "2").body == "42");
    BOOST_TEST(reply_of(std::function<int(int)>(doubled), "4").body == "8");
}

BOOST_AUTO_TEST_CASE(a_mutable_handler_keeps_its_state_between_calls) {
    served_task lambda([count = 0]() mutable { return ++count; });
    BOOST_TEST(lambda.call("").body == "1");
    BOOST_TEST(lambda.call("").body == "2");
    served_task object(counter{});
    object.call("");
    BOOST_TEST(object.call("").body == "2");
}

BOOST_AUTO_TEST_CASE(a_handler_may_be_movable_only) {
    auto handler = [owned = std::make_unique<int>(5)](int number) { return *owned + number; };
    BOOST_TEST(reply_of(std::move(handler), "1").body == "6");
}

BOOST_AUTO_TEST_CASE(an_empty_handler_is_refused_at_registration) {
    BOOST_CHECK_THROW(es::detail::make_task(std::function<void()>()), es::usage_error);
    BOOST_CHECK_THROW(es::detail::make_task(static_cast<int (*)(int)>(nullptr)), es::usage_error);
}

BOOST_AUTO_TEST_CASE(the_context_comes_first_and_is_no_argument) {
    served_task plain([](es::task_context& context, int number) {
        context.log(es::log_level::warning, context.trace_id());
        return std::string(context.task()) + std::to_string(number);
    });
    BOOST_TEST(plain.call("7").body == "the task7");
    BOOST_TEST(plain.environment.logged == "warning: trace-1");
    BOOST_TEST(plain.task().argument_types() == "integer");
    BOOST_TEST(reply_of([](const es::task_context& context) { return context.task(); }, "").body == "the task");
}

BOOST_AUTO_TEST_CASE(only_a_coroutine_says_that_it_is_one) {
    BOOST_TEST(!served_task(doubled).task().is_coroutine());
    BOOST_TEST(served_task(greeting).task().is_coroutine());
}

BOOST_AUTO_TEST_CASE(strings_are_answered_raw_and_the_rest_as_json) {
    const auto text = reply_of([] { return std::string("42"); }, "");
    BOOST_TEST(text.body == "42");
    BOOST_CHECK(text.type == es::content_type::bytes);
    const auto number = reply_of([] { return 42; }, "");
    BOOST_TEST(number.body == "42");
    BOOST_CHECK(number.type == es::content_type::json);
    const auto list = reply_of([] { return std::vector<std::string>{"a"}; }, "");
    BOOST_TEST(list.body == R"(["a"])");
    BOOST_CHECK(list.type == es::content_type::json);
    BOOST_TEST(reply_of([] { return "literal"; }, "").body == "literal");
    BOOST_TEST(reply_of([] { return std::vector{std::byte{'x'}}; }, "").body == "x");
}

BOOST_AUTO_TEST_CASE(nothing_is_answered_by_an_empty_body) {
    int calls = 0;
    const auto reply = reply_of([&calls](int number) { calls += number; }, "3");
    BOOST_TEST(calls == 3);
    BOOST_TEST(reply.answers == 1);
    BOOST_TEST(reply.body.empty());
    BOOST_TEST(!reply.error);
    BOOST_TEST(reply_of([]() -> asio::awaitable<void> { co_return; }, "").answers == 1);
    BOOST_TEST(reply_of([]() -> es::result<void> { return {}; }, "").answers == 1);
}

BOOST_AUTO_TEST_CASE(a_result_answers_its_value_or_its_failure) {
    const auto half = [](int number) -> es::result<int> {
        if (number % 2 != 0) return es::failure(es::errc(1001), "odd");
        return number / 2;
    };
    BOOST_TEST(reply_of(half, "4").body == "2");
    const auto odd = reply_of(half, "5");
    BOOST_REQUIRE(odd.error);
    BOOST_CHECK(odd.error->code == es::errc(1001));
    BOOST_TEST(odd.error->detail == "odd");
    BOOST_TEST(odd.answers == 1);

    const auto refuse = []() -> es::result<void> { return es::failure(es::errc::not_allowed); };
    BOOST_TEST(reply_of(refuse, "").error.has_value());
    const auto plain = []() -> tl::expected<std::string, es::failure> { return "raw"; };
    BOOST_TEST(reply_of(plain, "").body == "raw");
}

BOOST_AUTO_TEST_CASE(a_failure_had_started_unless_it_refuses_the_call) {
    const auto fail_as = [](int code, bool had_effects) -> es::result<void> {
        es::failure why(static_cast<es::errc>(code));
        why.started = had_effects;
        return why;
    };
    const auto started = [&](es::errc code, const std::string& had_effects) {
        return reply_of(fail_as, "[" + std::to_string(static_cast<int>(code)) + "," + had_effects + "]").error->started;
    };
    for (const auto code : {es::errc::task_failed, es::errc::deadline_exceeded, es::errc::connection_lost,
                            es::errc::refused, es::errc(1001)})
        BOOST_TEST(started(code, "false"), es::name_of(code));
    for (const auto code :
         {es::errc::bad_request, es::errc::not_allowed, es::errc::overloaded, es::errc::shutting_down}) {
        BOOST_TEST(!started(code, "false"), es::name_of(code));
        BOOST_TEST(started(code, "true"), es::name_of(code));
    }
}

BOOST_AUTO_TEST_CASE(coroutines_answer_like_functions) {
    BOOST_TEST(reply_of(greeting, "Ann").body == "Hello, Ann");
    BOOST_TEST(reply_of(checked, "3").body == "3");
    BOOST_TEST(reply_of(checked, "-3").error->detail == "negative");
    BOOST_TEST(!reply_of(allowed, "true").error);
    BOOST_TEST(reply_of(allowed, "false").error->detail == "no");
}

BOOST_AUTO_TEST_CASE(references_and_views_outlive_a_suspension) {
    const auto body = "[[1, 2, 39], \"" + std::string(50, 'x') + "\"]";
    BOOST_TEST(reply_of(slow_sum, body).body == "92");
    const auto late = [](es::task_context& context, const std::string& text) -> asio::awaitable<std::string_view> {
        co_await context.sleep_for(1h);
        co_return text;
    };
    BOOST_TEST(reply_of(late, std::string(100, 'x')).body == std::string(100, 'x'));
}

BOOST_AUTO_TEST_CASE(an_exception_passes_out_and_nothing_was_answered) {
    es::test::recorded_reply reply;
    served_task at_once([]() -> int { throw std::runtime_error("now"); });
    BOOST_CHECK_THROW(at_once.serve("", reply), std::runtime_error);
    served_task later(throwing_later);
    BOOST_CHECK_THROW(later.serve("", reply), std::runtime_error);
    BOOST_TEST(reply.answers == 0);
}

BOOST_AUTO_TEST_CASE(a_plain_task_can_be_started_but_a_coroutine_not_run) {
    asio::io_context io;
    es::test::fake_call call(io);
    es::task_context context(call);
    es::test::recorded_reply reply;
    const auto plain = es::detail::make_task(doubled);
    asio::co_spawn(io, plain->start(context, "4", reply), [](std::exception_ptr) {});
    io.run();
    BOOST_TEST(reply.body == "8");
    const auto coroutine = es::detail::make_task(greeting);
    BOOST_CHECK_THROW(coroutine->run(context, "Ann", reply), std::logic_error);
}

BOOST_AUTO_TEST_CASE(a_task_tells_its_types) {
    served_task sum(
        [](const std::string&, std::optional<int>, es::variadic<double>) -> es::result<bool> { return true; });
    BOOST_TEST(sum.task().argument_types() == "string, integer?, number...");
    BOOST_TEST(sum.task().return_type() == "boolean");
    BOOST_TEST(served_task(slow_sum).task().argument_types() == "list<integer>, string");
    BOOST_TEST(served_task(slow_sum).task().return_type() == "integer");
    BOOST_TEST(served_task(allowed).task().return_type() == "nothing");
    BOOST_TEST(served_task([] {}).task().argument_types() == "");
    BOOST_TEST(served_task([] {}).task().return_type() == "nothing");
}

BOOST_AUTO_TEST_CASE(the_context_tells_the_time_that_remains) {
    asio::io_context io;
    es::test::fake_call call(io);
    es::task_context context(call);
    BOOST_TEST(!context.remaining());
    call.due = call.time.now() + 5s;
    BOOST_CHECK(context.remaining() == 5s);
    call.time.advance(7s);
    BOOST_CHECK(context.remaining() == 0s);
}

BOOST_AUTO_TEST_SUITE_END()
