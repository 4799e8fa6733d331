#include "protocol/call_table.hpp"

#include "support/allocation_count.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

using namespace echosocket;
using namespace std::chrono_literals;

namespace {

using table = protocol::call_table<std::shared_ptr<std::string>>;

constexpr table::time_point at(std::chrono::milliseconds when) {
    return table::time_point(1000s + when);
}

std::shared_ptr<std::string> call(const std::string& name = "call") {
    return std::make_shared<std::string>(name);
}

struct table_fixture {
    table calls;

    std::vector<std::uint32_t> expired(std::chrono::milliseconds now) {
        std::vector<std::uint32_t> ids;
        while (const auto id = calls.next_expired(at(now))) ids.push_back(*id);
        return ids;
    }
};

using ids = std::vector<std::uint32_t>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(call_table, table_fixture)

BOOST_AUTO_TEST_CASE(a_call_is_found_by_its_id_until_it_is_taken) {
    BOOST_TEST(calls.insert(1, call("one"), std::nullopt));
    BOOST_TEST(calls.insert(3, call("three"), std::nullopt));
    BOOST_TEST(calls.size() == 2U);
    BOOST_REQUIRE(calls.find(3) != nullptr);
    BOOST_TEST(**calls.find(3) == "three");
    BOOST_TEST(calls.find(5) == nullptr);

    const auto taken = calls.take(3);
    BOOST_REQUIRE(taken.has_value());
    BOOST_TEST(**taken == "three");
    BOOST_TEST(!calls.take(3));
    BOOST_TEST(calls.find(3) == nullptr);
    BOOST_TEST(calls.size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_id_in_use_is_refused_and_free_again_afterwards) {
    BOOST_TEST(calls.insert(1, call("first"), at(10ms)));
    BOOST_TEST(!calls.insert(1, call("second"), at(1ms)));
    BOOST_TEST(**calls.find(1) == "first");
    BOOST_TEST((calls.next_deadline() == at(10ms)));
    calls.take(1);
    BOOST_TEST(calls.insert(1, call("third"), std::nullopt));
}

BOOST_AUTO_TEST_CASE(calls_fall_due_in_the_order_of_their_deadlines) {
    for (const std::uint32_t id : {7U, 1U, 9U, 3U, 5U}) calls.insert(id, call(), at(std::chrono::milliseconds(id)));
    calls.insert(11, call(), std::nullopt);
    BOOST_TEST((calls.next_deadline() == at(1ms)));
    BOOST_TEST(expired(0ms) == ids{}, boost::test_tools::per_element());
    BOOST_TEST(expired(5ms) == (ids{1, 3, 5}), boost::test_tools::per_element());
    BOOST_TEST((calls.next_deadline() == at(7ms)));
    BOOST_TEST(expired(99ms) == (ids{7, 9}), boost::test_tools::per_element());
    BOOST_TEST(!calls.next_deadline());
}

BOOST_AUTO_TEST_CASE(a_call_that_fell_due_stays_and_is_told_once) {
    calls.insert(1, call(), at(1ms));
    BOOST_TEST(expired(1ms) == ids{1}, boost::test_tools::per_element());
    BOOST_TEST(expired(2ms) == ids{}, boost::test_tools::per_element());
    BOOST_TEST(calls.find(1) != nullptr);
}

BOOST_AUTO_TEST_CASE(a_call_that_was_taken_does_not_fall_due) {
    calls.insert(1, call(), at(1ms));
    calls.insert(3, call(), at(2ms));
    calls.take(1);
    BOOST_TEST((calls.next_deadline() == at(2ms)));
    BOOST_TEST(expired(9ms) == ids{3}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_id_used_again_has_only_its_new_deadline) {
    calls.insert(1, call(), at(1ms));
    calls.take(1);
    calls.insert(1, call(), at(5ms));
    BOOST_TEST(expired(4ms) == ids{}, boost::test_tools::per_element());
    BOOST_TEST((calls.next_deadline() == at(5ms)));
    calls.take(1);
    calls.insert(1, call(), at(5ms));  // the stale entry now looks like the new one
    BOOST_TEST(expired(5ms) == ids{1}, boost::test_tools::per_element());
    calls.take(1);
    calls.insert(1, call(), std::nullopt);
    BOOST_TEST(expired(9ms) == ids{}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(deadlines_of_ended_calls_do_not_pile_up) {
    for (std::uint32_t id = 1; id < 400; id += 2) {
        calls.insert(id, call(), at(1h));
        calls.take(id);
    }
    const auto shared = call();
    const auto before = test::allocation_count();
    for (std::uint32_t id = 1; id < 100'000; id += 2) {
        calls.insert(id, shared, at(1h + std::chrono::milliseconds(id)));
        calls.take(id);
    }
    BOOST_TEST(test::allocation_count() == before);
    BOOST_TEST(!calls.next_deadline());
}

BOOST_AUTO_TEST_CASE(all_can_be_taken_and_visited) {
    for (const std::uint32_t id : {1U, 3U, 5U}) calls.insert(id, call(std::to_string(id)), std::nullopt);
    std::set<std::string> visited;
    calls.for_each([&](std::uint32_t id, const std::shared_ptr<std::string>& c) {
        BOOST_TEST(*c == std::to_string(id));
        visited.insert(*c);
    });
    BOOST_TEST(visited.size() == 3U);

    std::set<std::uint32_t> taken;
    while (const auto any = calls.take_any()) taken.insert(any->first);
    BOOST_TEST((taken == std::set<std::uint32_t>{1, 3, 5}));
    BOOST_TEST(calls.empty());
}

BOOST_AUTO_TEST_CASE(a_call_that_is_taken_is_no_longer_held) {
    const auto held = call();
    calls.insert(1, held, at(1ms));
    BOOST_TEST(held.use_count() == 2);
    calls.take(1);
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
