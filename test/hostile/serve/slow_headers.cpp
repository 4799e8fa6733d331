// Frames that come a byte at a time and never come to their end.
#include "support/served_fixture.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

/// Not to wait for anything: the pace of the attack.
constexpr std::chrono::milliseconds drip_interval{100};

/// A peer with what it has left to say, a byte at a time.
struct dripping {
    raw_peer peer;
    std::string words;
    std::size_t said = 0;

    [[nodiscard]] bool is_over() const { return peer.is_cut_off() || said == words.size(); }
    void drip() {
        if (!is_over()) peer.sends(std::string_view(words).substr(said++, 1));
    }
};

struct slow_headers_fixture : served_fixture {
    void add(std::size_t count, const std::string& words, bool greeted) {
        for (auto& peer : greeted ? greet_all(count) : connect_all(count)) all.push_back({std::move(peer), words});
    }
    void drip_until_all_are_cut_off() {
        while (!std::ranges::all_of(all, &dripping::is_over)) {
            for (auto& one : all) one.drip();
            std::this_thread::sleep_for(drip_interval);
        }
        for (auto& one : all) {
            BOOST_TEST(one.said < one.words.size(), "one was let finish");
            one.peer.leaves();
        }
    }
    std::vector<dripping> all;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(slow_headers, slow_headers_fixture)

BOOST_AUTO_TEST_CASE(frames_that_come_byte_by_byte_end_their_own_connections_only) {
    serve();
    const auto each = amount(40, 400);
    const std::string filling(1000, 'x');
    add(each, raw::hello({.name = std::string(250, 'n')}), false);
    add(each, raw::request(1, "echo", filling), true);
    add(each, raw::header(100'000, raw::frame_kind::request, 1) + filling, true);
    std::string pieces = raw::request(1, "echo", "x", raw::more);
    while (pieces.size() < 1000) pieces += raw::piece(1, "x", raw::more);
    add(each, pieces, true);
    drip_until_all_are_cut_off();
    expect_recovery();
    BOOST_TEST(closed("hello_timeout") == each);
    BOOST_TEST(closed("frame_timeout") == 3 * each);
}

BOOST_AUTO_TEST_SUITE_END()
