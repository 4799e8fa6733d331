// What links do to the bytes and to the connections over them.
#include "support/transport_io.hpp"

#include <echosocket/client.hpp>
#include <echosocket/server.hpp>
#include <echosocket/simulation.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

using namespace echosocket;
using namespace echosocket::test;
using namespace std::chrono_literals;
using boost::system::error_code;
using testing::direction;
using testing::link_rules;
using testing::simulation;

namespace {

struct links_fixture {
    std::uint64_t seed = 1;
    std::unique_ptr<simulation> sim;
    std::optional<testing::link> link;
    std::unique_ptr<transport> near;
    std::unique_ptr<transport> far;

    void open(const link_rules& rules = {}) {
        near.reset(), far.reset();
        sim = std::make_unique<simulation>(seed++);
        link = sim->make_link(rules);
        std::tie(near, far) = link->connect();
    }
    ~links_fixture() { near.reset(), far.reset(); }

    /// Writes as much as the transport takes.
    static std::size_t push(transport& to, std::string_view bytes) {
        std::size_t taken = 0;
        while (taken != bytes.size()) {
            const std::array buffers{asio::const_buffer(bytes.data() + taken, bytes.size() - taken)};
            const auto moved = to.write_some(buffers);
            if (moved.error) break;
            taken += moved.bytes;
        }
        return taken;
    }
    static error_code error_of_write(transport& to) {
        const std::array buffers{asio::const_buffer("x", 1)};
        return to.write_some(buffers).error;
    }
    /// All that is there, and why there is no more.
    static std::pair<std::string, error_code> pull(transport& from) {
        std::string all;
        for (;;) {
            std::array<char, 100> block{};
            const auto moved = from.read_some(asio::buffer(block));
            if (moved.error) return {all, moved.error};
            all.append(block.data(), moved.bytes);
        }
    }
    static std::string numbered(std::size_t count) {
        std::string bytes;
        for (std::size_t i = 0; i != count; ++i) bytes += static_cast<char>(i * 7);
        return bytes;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(links, links_fixture)

BOOST_AUTO_TEST_CASE(all_bytes_arrive_in_order_however_they_are_cut) {
    for (const std::size_t most_bytes : {std::size_t(1), std::size_t(13), SIZE_MAX}) {
        for (int i = 0; i != 20; ++i) {
            open({.most_delay = 5ms, .most_bytes = most_bytes, .bytes_per_second = 100'000, .capacity = 300});
            const auto sent = numbered(3000);
            sim->spawn([this, sent]() -> asio::awaitable<void> {
                co_await write_all(*near, sent);
                near->shutdown_send();
            });
            const auto got = sim->run([this] { return read_to_end(*far); });
            BOOST_TEST((got == sent));
        }
    }
}

BOOST_AUTO_TEST_CASE(delay_and_bandwidth_take_their_time) {
    open({.least_delay = 100ms, .most_delay = 200ms});
    push(*near, "x");
    sim->run_for(99ms);
    BOOST_TEST((pull(*far).second == asio::error::would_block));
    sim->run_for(101ms);
    BOOST_TEST(pull(*far).first == "x");

    open({.most_delay = 0ms, .bytes_per_second = 1000});
    push(*near, numbered(10'000));
    sim->run_for(9s);
    auto got = pull(*far).first;
    BOOST_TEST(got.size() < 10'000U);
    sim->run_for(1s);
    got += pull(*far).first;
    BOOST_TEST((got == numbered(10'000)));
    push(*near, "x");
    sim->run_for(1ms);
    BOOST_TEST(pull(*far).first == "x");
}

BOOST_AUTO_TEST_CASE(a_full_connection_takes_no_more_until_the_other_end_reads) {
    open({.capacity = 1000});
    BOOST_TEST(push(*near, numbered(3000)) == 1000U);
    int writable = 0;
    sim->spawn([&]() -> asio::awaitable<void> {
        (void)co_await near->wait_writable();
        ++writable;
    });
    sim->run_for(1h);
    BOOST_TEST(writable == 0);
    BOOST_TEST(pull(*far).first.size() == 1000U);
    sim->run_for(0s);
    BOOST_TEST(writable == 1);
    BOOST_TEST(push(*near, numbered(3000)) == 1000U);
}

BOOST_AUTO_TEST_CASE(what_a_partition_holds_arrives_when_it_heals) {
    open();
    link->partition();
    push(*near, "there");
    push(*far, "back");
    sim->run_for(10h);
    BOOST_TEST((pull(*far).second == asio::error::would_block));
    BOOST_TEST((pull(*near).second == asio::error::would_block));
    link->heal();
    sim->run_for(1ms);
    BOOST_TEST(pull(*far).first == "there");
    BOOST_TEST(pull(*near).first == "back");
}

BOOST_AUTO_TEST_CASE(one_direction_may_be_held_alone) {
    open();
    link->hold(direction::back);
    push(*near, "there");
    push(*far, "back");
    sim->run_for(1h);
    BOOST_TEST(pull(*far).first == "there");
    BOOST_TEST((pull(*near).second == asio::error::would_block));
}

BOOST_AUTO_TEST_CASE(what_is_swallowed_is_gone_and_the_sender_learns_nothing) {
    open({.capacity = 1000});
    link->swallow(direction::forth);
    BOOST_TEST(push(*near, numbered(100'000)) == 100'000U);
    near->close();
    sim->run_for(1h);
    link->heal();
    sim->run_for(1h);
    BOOST_TEST((pull(*far).second == asio::error::would_block));
    BOOST_TEST(!error_of_write(*far));
    sim->run_for(1h);
    BOOST_TEST((pull(*far).second == asio::error::would_block));  // the reset is swallowed too
}

BOOST_AUTO_TEST_CASE(a_reset_is_told_to_both_ends) {
    open();
    error_code of_wait;
    sim->spawn([&]() -> asio::awaitable<void> { of_wait = co_await near->wait_readable(); });
    sim->run_for(1ms);
    push(*near, "lost");
    link->reset();
    sim->run_for(1ms);
    BOOST_TEST(!of_wait);
    BOOST_TEST((pull(*near).second == asio::error::connection_reset));
    BOOST_TEST((pull(*far).second == asio::error::connection_reset));
    BOOST_TEST((error_of_write(*near) == asio::error::broken_pipe));
    std::tie(near, far) = link->connect();
    push(*near, "as new");
    sim->run_for(1ms);
    BOOST_TEST(pull(*far).first == "as new");
    BOOST_TEST(link->connections() == 1U);
}

BOOST_AUTO_TEST_CASE(a_connection_may_be_reset_after_so_many_bytes) {
    for (int i = 0; i != 20; ++i) {
        open({.reset_within = 100});
        BOOST_TEST(push(*near, numbered(200)) <= 100U);
        BOOST_TEST((error_of_write(*near) == asio::error::broken_pipe));
    }
}

BOOST_AUTO_TEST_CASE(the_end_of_input_comes_behind_all_bytes) {
    open({.most_delay = 50ms, .most_bytes = 3});
    push(*near, "the last words");
    near->close();
    sim->run_for(1s);
    BOOST_TEST((pull(*far) == std::pair<std::string, error_code>("the last words", asio::error::eof)));
    BOOST_TEST(!error_of_write(*far));  // the first one is only then found to be in vain
    sim->run_for(1s);
    BOOST_TEST((error_of_write(*far) == asio::error::broken_pipe));
    BOOST_TEST((pull(*far).second == asio::error::connection_reset));
    far->close();
    BOOST_TEST(link->connections() == 0U);
}

BOOST_AUTO_TEST_CASE(an_end_that_closes_with_unread_bytes_resets_the_other) {
    open();
    push(*near, "unread");
    sim->run_for(1ms);
    far->close();
    sim->run_for(1ms);
    BOOST_TEST((pull(*near).second == asio::error::connection_reset));
}

BOOST_AUTO_TEST_CASE(closing_ends_a_wait) {
    open();
    error_code of_reader, of_writer;
    sim->spawn([&]() -> asio::awaitable<void> { of_reader = co_await near->wait_readable(); });
    sim->run_for(1ms);
    near->close();
    sim->spawn([&]() -> asio::awaitable<void> { of_writer = co_await near->wait_writable(); });
    sim->run_for(1ms);
    BOOST_TEST((of_reader == asio::error::operation_aborted));
    BOOST_TEST((of_writer == asio::error::bad_descriptor));
    BOOST_TEST(sim->left().nothing());
}

BOOST_AUTO_TEST_CASE(a_dialer_says_why_it_can_not_connect) {
    open();
    const auto nobody = link->to([]() -> server* { return nullptr; });
    const auto refused = sim->run([&] { return nobody(); });
    BOOST_TEST((refused.error().code == errc::connect_failed));
    link->hold(direction::back);
    const auto began = sim->now();
    const auto unanswered = sim->run([&] { return nobody(); });
    BOOST_TEST((unanswered.error().code == errc::connect_timeout));
    BOOST_TEST((sim->now() - began == 5s));
}

BOOST_AUTO_TEST_SUITE_END()
