// The number of connections a server accepts, and what refused clients are told.
#include "integration/service_fixture.hpp"

#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

struct admission_fixture : service_fixture {
    void serve() {
        make().on("echo", echo_task);
        start();
    }
    result<client> try_at(std::string address) {
        return run([&] { return client::connect(std::move(address), client_settings); });
    }
    result<client> try_memory() {
        return run([&] { return client::connect(*service, client_settings); });
    }
    void check_refused(const result<client>& refused, const std::string& part) {
        BOOST_TEST(outcome(refused) == "refused");
        BOOST_TEST(refused.error().retryable);
        BOOST_TEST(refused.error().detail.find(part) != std::string::npos, refused.error().detail);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(admission, admission_fixture)

BOOST_AUTO_TEST_CASE(one_connection_too_many_is_told_so_and_may_come_once_another_has_gone) {
    settings.max_connections = 2;
    serve();
    auto one = join();
    auto two = join_at(service->addresses().front());
    check_refused(try_memory(), "at most 2");
    check_refused(try_at(service->addresses().front()), "at most 2");
    BOOST_TEST(value_of(ask<std::string>(one, "echo", "still here")) == "still here");
    settle();
    auto now = stats();
    BOOST_TEST((now.connections == 2U && now.accepted == 4U && now.refused["refused"] == 2U));
    leave(one);
    settle();
    auto three = join();
    BOOST_TEST(value_of(ask<std::string>(three, "echo", "in")) == "in");
    leave(two);
    leave(three);
}

BOOST_AUTO_TEST_CASE(connections_of_one_ip_address_are_counted_by_themselves) {
    settings.max_per_address = 2;
    settings.listen = {"127.0.0.1:0"};
    serve();
    const auto address = service->addresses().front();
    auto one = join_at(address);
    auto two = join_at(address);
    check_refused(try_at(address), "one address: at most 2");
    // Connections over memory have no address, so the limit per address does not apply.
    auto three = join();
    auto four = join();
    auto five = join();
    leave(one);
    run_until([&] { return stats().connections == 4U; });
    auto six = join_at(address);
    check_refused(try_at(address), "one address: at most 2");
    for (auto* c : {&two, &three, &four, &five, &six}) leave(*c);
}

BOOST_AUTO_TEST_CASE(a_crowd_of_refused_ones_takes_no_place_of_those_who_may_come) {
    settings.max_connections = 3;
    serve();
    auto one = join();
    auto two = join();
    std::vector<raw_peer> crowd;
    auto three = join();
    for (int i = 0; i != 200; ++i) crowd.push_back(join_raw());
    BOOST_TEST(stats().refused["refused"] == 200U);
    leave(three);
    settle();
    auto four = join();
    BOOST_TEST(value_of(ask<std::string>(four, "echo", "in")) == "in");
    // Some got the reason, the others were just closed.
    std::size_t told = 0;
    for (auto& raw : crowd) {
        told += raw.unread() != 0 ? 1 : 0;
        raw.leaves();
    }
    BOOST_TEST((told > 0U && told < 200U));
    for (auto* c : {&one, &two, &four}) leave(*c);
}

BOOST_AUTO_TEST_CASE(a_refused_peer_that_stays_is_closed_on) {
    settings.max_connections = 1;
    serve();
    auto c = join();
    auto raw = join_raw();
    BOOST_TEST(stats().connections == 2U);
    clock.advance(1s);
    settle();
    BOOST_TEST(stats().connections == 1U);
    raw.expects_the_end_because(errc::refused);
    leave(c);
}

BOOST_AUTO_TEST_SUITE_END()
