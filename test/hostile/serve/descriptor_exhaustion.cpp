// A server that has no descriptor left.
#include "support/served_fixture.hpp"

#include <sys/resource.h>

#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

/// What is started meanwhile has the limit too.
class lowered_limit {
public:
    explicit lowered_limit(rlim_t descriptors) {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit lowered{descriptors, before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &lowered);
    }
    lowered_limit(const lowered_limit&) = delete;
    lowered_limit& operator=(const lowered_limit&) = delete;
    ~lowered_limit() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

void expect_an_answer(raw_peer honest) {
    honest.greets();
    honest.sends(raw::request(1, "echo", "welcome"));
    honest.expects_reply(1, "welcome");
    honest.leaves();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(descriptor_exhaustion)

BOOST_FIXTURE_TEST_CASE(a_server_out_of_descriptors_serves_who_it_has_and_others_once_there_is_room, served_fixture) {
    serve();
    for (std::size_t round = 0; round != amount(3, 50); ++round) {
        const auto room = now().descriptors + 40;
        const rlimit lowered{room, room};
        BOOST_REQUIRE(::prlimit(server().pid(), RLIMIT_NOFILE, &lowered, nullptr) == 0);
        std::vector<raw_peer> attackers;
        while (attackers.size() != 200) {
            attackers.push_back(connect());
            attackers.back().sends(raw::hello());
        }
        wait_until([&](const figures& f) { return f.descriptors == room; });
        bird().sings(50);
        for (auto& one : attackers) one.leaves();
        expect_an_answer(connect());
        expect_recovery();
    }
}

BOOST_FIXTURE_TEST_CASE(a_server_that_knows_its_limit_keeps_some_back_and_says_why, served_fixture) {
    {
        const lowered_limit limit(160);
        serve();
    }
    std::vector<raw_peer> attackers;
    while (attackers.size() != 160) {
        attackers.push_back(connect());
        attackers.back().sends(raw::hello());
    }
    constexpr std::size_t taken = 160 - 64;  // the canary is one of them
    wait_until([](const figures& f) { return f.connections == taken; });
    attackers.front().expects_hello();
    BOOST_TEST(attackers.back().has_ended());  // they are accepted in their order
    BOOST_TEST(refused("refused") == 160 - (taken - 1));
    for (auto& one : attackers) one.leaves();
    expect_an_answer(connect());
    expect_recovery();
}

BOOST_AUTO_TEST_SUITE_END()
