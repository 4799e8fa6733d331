// The bookkeeping of calls that take effect once.
#include "connection/idempotency_cache.hpp"

#include "support/io_fixture.hpp"

#include <string>
#include <string_view>
#include <vector>

using namespace echosocket;
using namespace echosocket::net;
using namespace echosocket::test;

namespace {

using how = net::idempotency_cache::claim;

bool is_first(const net::idempotency_cache::claimed& call) {
    return call.how == how::first;
}

struct memory_fixture : io_fixture {
    net::idempotency_cache memory{{.calls = 3, .bytes = 10'000, .age = 10s}};

    net::idempotency_cache::claimed claim(const std::string& key, const std::string& task = "task") {
        return memory.look_up({.scope = {}, .task = task, .key = key, .body = {}}, clock.now());
    }
    /// What becomes of a call with that key and these arguments.
    how claim_with(const std::string& body, content_type type = content_type::bytes) {
        return memory.look_up({.scope = {}, .task = "task", .key = "a", .body = body, .type = type}, clock.now()).how;
    }
    bool is_first_of(std::string_view scope, std::string_view task, std::string_view key) {
        return is_first(memory.look_up({.scope = scope, .task = task, .key = key, .body = {}}, clock.now()));
    }
    void keep(const net::idempotency_cache::call_ptr& call, const std::string& body) {
        memory.keep(call, raw_reply{body, content_type::bytes}, clock.now());
    }
    /// A call with that key that runs and ends.
    void make(const std::string& key, const std::string& body) {
        auto made = claim(key);
        BOOST_TEST(is_first(made));
        keep(made.call, body);
    }
    /// The result kept for a key; `nothing` if the call would run, which is then forgotten.
    std::string known(const std::string& key) {
        auto found = claim(key);
        if (!is_first(found)) return (**found.outcome).body;
        memory.forget(found.call);
        return "nothing";
    }
    spawned<bool> wait_for(const net::idempotency_cache::call_ptr& call) {
        auto waiting = spawn([this, call] { return memory.ended(call); });
        settle();
        return waiting;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(idempotency_cache, memory_fixture)

BOOST_AUTO_TEST_CASE(the_first_one_runs_and_the_others_find_what_it_came_to) {
    const auto first = claim("a");
    BOOST_TEST(is_first(first));
    BOOST_TEST(!first.outcome);
    const auto meanwhile = claim("a");
    BOOST_TEST(!is_first(meanwhile));
    BOOST_TEST(!meanwhile.outcome);
    BOOST_TEST((meanwhile.call == first.call));
    keep(first.call, "done");
    BOOST_TEST(known("a") == "done");
}

BOOST_AUTO_TEST_CASE(a_failure_is_an_outcome_too) {
    const auto first = claim("a");
    memory.keep(first.call, failure(errc::bad_request, "no"), clock.now());
    const auto later = claim("a");
    BOOST_TEST(!is_first(later));
    BOOST_TEST((later.outcome.value().error().code == errc::bad_request));
    BOOST_TEST(later.outcome.value().error().detail == "no");
}

BOOST_AUTO_TEST_CASE(tasks_and_keys_do_not_run_into_each_other) {
    BOOST_TEST(is_first(claim("bc", "a")));
    BOOST_TEST(is_first(claim("c", "ab")));
    BOOST_TEST(is_first(claim("", "abc")));
    BOOST_TEST(!is_first(claim("c", "ab")));
}

BOOST_AUTO_TEST_CASE(no_byte_of_a_scope_a_task_or_a_key_makes_it_another_one) {
    const std::string nul(1, '\0');
    const std::vector<std::vector<std::string>> all{
        {"", "ab", "c"},
        {"a", "b", "c"},
        {"ab", "", "c"},
        {"", "a", "b" + nul + "c"},
        {"", "a" + nul + "b", "c"},
        {"a", nul + "b", "c"},
        {"a" + nul, "b", "c"},
        {"", "", "2:ab0:c"},
        {"2:ab", "", "c"},
        {"", "1:a", "1:bc"},
    };
    for (const auto& one : all) BOOST_TEST(is_first_of(one[0], one[1], one[2]));
    for (const auto& one : all) BOOST_TEST(!is_first_of(one[0], one[1], one[2]));
}

BOOST_AUTO_TEST_CASE(a_key_belongs_to_the_arguments_it_came_with_first) {
    BOOST_TEST((claim_with("5") == how::first));
    BOOST_TEST((claim_with("5") == how::running));
    BOOST_TEST((claim_with("6") == how::misused));
    BOOST_TEST((claim_with("5", content_type::json) == how::misused));
    keep(memory.look_up({.scope = {}, .task = "task", .key = "a", .body = "5"}, clock.now()).call, "done");
    BOOST_TEST((claim_with("6") == how::misused));
    BOOST_TEST((claim_with("5") == how::done));
    clock.advance(11s);
    BOOST_TEST((claim_with("6") == how::first));
}

BOOST_AUTO_TEST_CASE(one_that_was_forgotten_runs_again) {
    const auto first = claim("a");
    memory.forget(first.call);
    BOOST_TEST(is_first(claim("a")));
}

BOOST_AUTO_TEST_CASE(the_oldest_results_go_where_there_are_too_many) {
    for (const auto* key : {"a", "b", "c", "d"}) make(key, key);
    BOOST_TEST(known("a") == "nothing");
    for (const auto* key : {"b", "c", "d"}) BOOST_TEST(known(key) == key);
}

BOOST_AUTO_TEST_CASE(the_oldest_results_go_where_they_are_too_large) {
    make("a", std::string(4000, 'a'));
    make("b", std::string(4000, 'b'));
    make("c", std::string(4000, 'c'));
    BOOST_TEST(known("a") == "nothing");
    BOOST_TEST(known("b").size() == 4000U);
    make("d", std::string(20'000, 'd'));
    for (const auto* key : {"b", "c", "d"}) BOOST_TEST(known(key) == "nothing");
    make("e", std::string(9000, 'e'));  // what was dropped is no longer counted
    BOOST_TEST(known("e").size() == 9000U);
}

BOOST_AUTO_TEST_CASE(results_grow_old) {
    make("a", "a");
    clock.advance(5s);
    make("b", "b");
    clock.advance(5s);
    BOOST_TEST(known("a") == "a");
    clock.advance(1ms);
    BOOST_TEST(known("a") == "nothing");
    BOOST_TEST(known("b") == "b");
}

BOOST_AUTO_TEST_CASE(running_calls_do_not_grow_old) {
    const auto first = claim("a");
    clock.advance(1h);
    for (const auto* key : {"b", "c", "d", "e"}) make(key, key);
    BOOST_TEST(!is_first(claim("a")));
    keep(first.call, "late");
    BOOST_TEST(known("a") == "late");
}

BOOST_AUTO_TEST_CASE(who_waits_hears_of_the_end) {
    for (const bool kept : {true, false}) {
        const auto first = claim("a");
        auto one = wait_for(first.call);
        auto two = wait_for(claim("a").call);
        BOOST_TEST((!one.done() && !two.done()));
        kept ? keep(first.call, "done") : memory.forget(first.call);
        BOOST_TEST(run(one));
        BOOST_TEST(run(two));
        BOOST_TEST(run(wait_for(first.call)));  // an ended call needs no wait
        clock.advance(1h);
    }
}

BOOST_AUTO_TEST_CASE(who_waits_may_give_up) {
    const auto first = claim("a");
    auto one = wait_for(first.call);
    auto two = wait_for(first.call);
    one.cancel();
    BOOST_TEST(!run(one));
    BOOST_TEST(!two.done());
    keep(first.call, "done");
    BOOST_TEST(run(two));
}

BOOST_AUTO_TEST_CASE(who_waits_for_one_whose_result_is_not_kept_hears_of_its_end_too) {
    const auto first = claim("a");
    auto waiting = wait_for(first.call);
    keep(first.call, std::string(20'000, 'a'));
    BOOST_TEST(run(waiting));
    BOOST_TEST(is_first(claim("a")));
}

BOOST_AUTO_TEST_SUITE_END()
