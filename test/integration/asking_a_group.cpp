// One question to many peers, and their answers as they arrive.
#include "integration/service_fixture.hpp"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

using question = std::unique_ptr<answers<std::string>>;

struct asking_fixture : service_fixture {
    int asked = 0;
    int cancelled = 0;
    std::vector<peer> members;

    void serve() {
        make().on_connect([this](const peer& who) -> result<void> {
            members.push_back(who);
            return service->group("room").join(who);
        });
        start();
    }
    /// A client that answers after the given time.
    client join_slow(std::string name, duration takes) {
        return join_with(std::move(name),
                         [this, takes](task_context& call, std::string what) -> asio::awaitable<std::string> {
                             ++asked;
                             try {
                                 co_await call.sleep_for(takes);
                             } catch (const boost::system::system_error&) {
                                 ++cancelled;
                                 throw;
                             }
                             co_return "yes to " + what;
                         });
    }
    template <class Handler>
    client join_with(std::string name, Handler handler) {
        auto with = client_settings;
        with.name = std::move(name);
        with.handlers = handlers();
        with.handlers.on("vote", std::move(handler));
        return join(with);
    }
    question ask_room(ask_options options = {}) {
        auto asking = std::make_unique<answers<std::string>>(
            service->group("room").ask<std::string>(options, "vote", std::string("lunch")));
        settle();
        return asking;
    }
    static std::string told(const std::optional<answer<std::string>>& by) {
        if (!by) return "end";
        return by->from.name() + ": " + (by->reply ? *by->reply : std::string(name_of(by->reply.error().code)));
    }
    std::string next(const question& of) {
        return told(run_in_virtual_time([&] { return of->next(); }));
    }
    ~asking_fixture() { members.clear(); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(asking_a_group, asking_fixture)

BOOST_AUTO_TEST_CASE(answers_come_as_they_arrive) {
    serve();
    auto anna = join_slow("anna", 30ms);
    auto ben = join_slow("ben", 10ms);
    auto carl = join_slow("carl", 20ms);
    const auto begin = clock.now();
    const auto asking = ask_room();
    BOOST_TEST(asked == 3);
    BOOST_TEST(next(asking) == "ben: yes to lunch");
    BOOST_TEST((clock.now() - begin == 10ms));
    BOOST_TEST(next(asking) == "carl: yes to lunch");
    BOOST_TEST((clock.now() - begin == 20ms));
    BOOST_TEST(next(asking) == "anna: yes to lunch");
    BOOST_TEST(next(asking) == "end");
    BOOST_TEST(next(asking) == "end");
    for (auto* each : {&anna, &ben, &carl}) leave(*each);
}

BOOST_AUTO_TEST_CASE(answers_wait_for_whoever_asked) {
    serve();
    auto anna = join_slow("anna", 1ms);
    auto ben = join_slow("ben", 2ms);
    const auto asking = ask_room();
    for (int i = 0; i != 5; ++i) {
        clock.advance(1ms);
        settle();
    }
    for (const auto* expected : {"anna: yes to lunch", "ben: yes to lunch", "end"}) {
        auto ready = spawn([&] { return asking->next(); });
        settle();
        BOOST_REQUIRE(ready.done());
        BOOST_TEST(told(ready.get()) == expected);
    }
    leave(anna);
    leave(ben);
}

BOOST_AUTO_TEST_CASE(a_member_that_fails_is_one_answer_among_others) {
    serve();
    auto anna = join_with("anna", [](std::string) -> std::string { throw std::runtime_error("no appetite"); });
    auto ben = join_slow("ben", 10ms);
    auto carl = join();  // does not have the task
    const auto asking = ask_room();
    BOOST_TEST(next(asking) == "anna: task_failed");
    BOOST_TEST(next(asking) == "client: unknown_task");
    BOOST_TEST(next(asking) == "ben: yes to lunch");
    BOOST_TEST(next(asking) == "end");
    for (auto* each : {&anna, &ben, &carl}) leave(*each);
}

BOOST_AUTO_TEST_CASE(an_answer_of_another_type_is_a_bad_reply) {
    serve();
    auto anna = join_with("anna", [] { return "soup"; });
    auto asking = service->group("room").ask<int>(ask_options(), "vote");
    const auto answered = run([&] { return asking.next(); });
    BOOST_REQUIRE(answered.has_value());
    BOOST_TEST(outcome(answered->reply) == "bad_reply");
    leave(anna);
}

BOOST_AUTO_TEST_CASE(those_who_take_too_long_are_timed_out_and_cancelled) {
    serve();
    auto anna = join_slow("anna", 10ms);
    auto ben = join_slow("ben", 10s);
    ask_options options;
    options.timeout = 100ms;
    const auto begin = clock.now();
    const auto asking = ask_room(options);
    BOOST_TEST(next(asking) == "anna: yes to lunch");
    BOOST_TEST(next(asking) == "ben: deadline_exceeded");
    BOOST_TEST((clock.now() - begin == 100ms));
    BOOST_TEST(next(asking) == "end");
    settle();
    BOOST_TEST(cancelled == 1);
    leave(anna);
    leave(ben);
}

BOOST_AUTO_TEST_CASE(a_quorum_cancels_the_rest_at_the_members) {
    serve();
    auto anna = join_slow("anna", 10ms);
    auto ben =
        join_with("ben", [](std::string) -> result<std::string> { return failure(errc::task_failed, "hungry"); });
    auto carl = join_slow("carl", 20ms);
    auto dora = join_slow("dora", 1h);
    auto emil = join_slow("emil", 2h);
    ask_options options;
    options.quorum = 2;
    options.timeout = 0ms;
    const auto asking = ask_room(options);
    BOOST_TEST(next(asking) == "ben: task_failed", "which does not count");
    BOOST_TEST(next(asking) == "anna: yes to lunch");
    settle();
    BOOST_TEST(cancelled == 0);
    BOOST_TEST(next(asking) == "carl: yes to lunch");
    BOOST_TEST(next(asking) == "end");
    settle();
    BOOST_TEST(cancelled == 2);
    for (auto* each : {&anna, &ben, &carl, &dora, &emil}) leave(*each);
}

BOOST_AUTO_TEST_CASE(dropping_the_answers_cancels_the_question) {
    serve();
    auto anna = join_slow("anna", 1h);
    auto ben = join_slow("ben", 1ms);
    auto asking = ask_room();
    BOOST_TEST(next(asking) == "ben: yes to lunch");
    asking.reset();
    settle();
    BOOST_TEST(cancelled == 1);
    leave(anna);
    leave(ben);
}

BOOST_AUTO_TEST_CASE(whoever_gives_up_waiting_cancels_the_question) {
    serve();
    auto anna = join_slow("anna", 1h);
    const auto asking = ask_room();
    auto waiting = spawn([&] { return asking->next(); });
    settle();
    waiting.cancel();
    settle();
    BOOST_TEST(told(run(std::move(waiting))) == "end");
    settle();
    BOOST_TEST(cancelled == 1);
    BOOST_TEST(next(asking) == "end");
    leave(anna);
}

BOOST_AUTO_TEST_CASE(nobody_answers_for_an_empty_group) {
    serve();
    const auto asking = ask_room();
    BOOST_TEST(next(asking) == "end");
}

BOOST_AUTO_TEST_CASE(members_are_those_of_the_moment_of_asking) {
    serve();
    auto anna = join_slow("anna", 10ms);
    auto ben = join_slow("ben", 20ms);
    const auto asking = ask_room();
    BOOST_TEST(service->group("room").leave(members.front()), "anna still answers");
    auto late = join_slow("late", 1ms);
    leave(ben);
    BOOST_TEST(next(asking) == "ben: connection_lost");
    BOOST_TEST(next(asking) == "anna: yes to lunch");
    BOOST_TEST(next(asking) == "end");
    BOOST_TEST(asked == 2);
    leave(anna);
    leave(late);
}

BOOST_AUTO_TEST_CASE(members_that_do_not_read_hold_up_nobody) {
    serve();
    auto deaf = join_raw({.capacity = 64});
    deaf.greets({.name = "deaf"});
    deaf.reads_only(0);
    auto anna = join_slow("anna", 10ms);
    const auto asking = ask_room();
    BOOST_TEST(next(asking) == "anna: yes to lunch");
    deaf.leaves();
    BOOST_TEST(next(asking) == "deaf: connection_lost");
    BOOST_TEST(next(asking) == "end");
    leave(anna);
}

BOOST_AUTO_TEST_CASE(replies_that_nobody_asked_for_are_no_answers) {
    serve();
    auto liar = join_raw();
    liar.greets({.name = "liar"});
    const auto asking = ask_room();
    liar.expects_request(2, "vote", "lunch");
    liar.sends(raw::response(4, "not asked") + raw::response(2, "once") + raw::response(2, "twice"));
    BOOST_TEST(next(asking) == "liar: once");
    BOOST_TEST(next(asking) == "end");
    liar.expects_nothing();
    liar.leaves();
}

BOOST_AUTO_TEST_SUITE_END()
