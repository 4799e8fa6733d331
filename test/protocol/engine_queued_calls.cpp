// Calls that wait until the other end takes one more: their order, their number, and how they end unsent.
#include "support/engine_end.hpp"
#include "support/raw_frames.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;
using namespace std::chrono_literals;
using protocol::role;

namespace {

/// A client whose first call takes the one place that the other end has.
struct busy_client : engine_end {
    explicit busy_client(std::size_t max_queued_calls)
        : engine_end(role::client, {.limits = {.max_queued_calls = max_queued_calls}}) {
        open({.name = "busy", .max_calls = 1});
        (void)call("first");
        forget();
    }
    std::optional<failure> begin(std::string task) {
        auto made = std::make_shared<protocol::outbound_call>();
        made->task = std::move(task);
        return try_call(made);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(engine_queued_calls)

BOOST_AUTO_TEST_CASE(no_more_calls_wait_than_the_limit_says) {
    busy_client client(2);
    for (const auto* task : {"second", "third"}) (void)client.call(task);
    const auto refused = client.begin("fourth");
    BOOST_REQUIRE(refused.has_value());
    BOOST_TEST((refused->code == errc::overloaded));
    BOOST_TEST((refused->origin == failure_origin::this_end));
    BOOST_TEST(refused->retryable);
    BOOST_TEST(!refused->started);
    BOOST_TEST(refused->detail.find("2 (limits::max_queued_calls)") != std::string::npos, refused->detail);
    client.hear(raw::response(1, ""));
    BOOST_TEST(client.says() == "REQUEST 3 second");
    BOOST_TEST(!client.begin("fifth").has_value());
    BOOST_TEST(client.begin("sixth").has_value());
}

BOOST_AUTO_TEST_CASE(one_that_is_cancelled_leaves_its_place_to_another) {
    busy_client client(2);
    (void)client.call("second");
    const auto third = client.call("third");
    const auto why = client.cancel(third);
    BOOST_TEST(!why->started);
    (void)client.call("fourth");
    BOOST_TEST(client.begin("fifth").has_value());
    client.hear(raw::response(1, "") + raw::response(3, ""));
    BOOST_TEST(client.says() == "REQUEST 3 second; REQUEST 5 fourth");
}

BOOST_AUTO_TEST_CASE(thousands_that_run_out_of_time_or_are_cancelled_leave_those_between_them_in_order) {
    busy_client client(30'000);
    std::vector<protocol::outbound_call_ptr> unwanted;
    for (int i = 0; i != 10'000; ++i) {
        (void)client.call("hasty", {}, 100ms);
        unwanted.push_back(client.call("unwanted"));
        if (i % 5'000 == 0) (void)client.call("patient " + std::to_string(i));
    }
    for (const auto& call : unwanted) BOOST_REQUIRE(client.cancel(call).has_value());
    client.wait(100ms);
    const auto events = client.events();
    std::size_t expired = 0;
    for (auto at = events.find("hasty deadline_exceeded"); at != std::string::npos; at = events.find("hasty", at + 1))
        ++expired;
    BOOST_TEST(expired == 10'000U);
    client.hear(raw::response(1, ""));
    client.hear(raw::response(3, ""));
    BOOST_TEST(client.says() == "REQUEST 3 patient 0; REQUEST 5 patient 5000");
}

BOOST_AUTO_TEST_SUITE_END()
