// The places and the pace of files on their way.
#include "cli/stall.hpp"
#include "cli/tasks/demo_tasks.hpp"
#include "cli/tasks/shared_slots.hpp"
#include "integration/service_fixture.hpp"
#include "support/program.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

using namespace echosocket;
using namespace echosocket::cli;
using namespace echosocket::test;

namespace {

struct transfers_fixture : service_fixture {
    const echosocket::testing::temporary_directory directory;

    transfers_fixture() {
        demo_policy policy;
        policy.files.folder = std::make_shared<store_folder>(directory.path());
        policy.files.quota = {1024 * 1024, "--files-quota"};
        add_demo_tasks(make(), policy);
        start();
    }
    using transfer_call = stream_call<stored_file, file_piece, void>;
    /// Sends a byte, and leaves it at that.
    transfer_call trickle(const client& c, int number) {
        auto call = c.open<stored_file, file_piece, void>("put", "file " + std::to_string(number));
        const auto out = call.out();
        const file_piece byte(1);
        (void)run([&] { return out.send(byte); });
        return call;
    }
    void send_bytes(const transfer_call& to, std::size_t bytes) {
        const auto out = to.out();
        const file_piece piece(bytes);
        (void)run([&] { return out.send(piece); });
    }
    /// Waits until that many bytes have been written, of all files together.
    void until_written(std::uintmax_t bytes) {
        run_until([&] { return written() >= bytes; });
    }
    std::uintmax_t written() const {
        std::uintmax_t all = 0;
        for (const auto& each : std::filesystem::directory_iterator(directory.path())) {
            std::error_code gone;
            const auto size = each.file_size(gone);
            if (!gone) all += size;
        }
        return all;
    }
    std::string put_whole(const client& c) {
        const auto call = trickle(c, 1000);
        return outcome(run([&] { return call.reply(); }));
    }
};

std::size_t take_all(shared_slots& from, std::uint64_t whose, std::vector<shared_slots::place>& taken) {
    for (std::size_t count = 0;; ++count) {
        auto place = from.take(whose);
        if (!place) return count;
        taken.push_back(std::move(*place));
    }
}

/// Whether each look finds the work too slow, as `-` or `x`.
std::string looks_at(const std::vector<std::uint64_t>& steps, std::uint64_t least) {
    pace checked(least);
    movement moved;
    std::string seen;
    for (const auto now : steps) {
        moved.steps = now;
        seen += checked.look_at(moved) ? 'x' : '-';
    }
    return seen;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(transfers, transfers_fixture)

BOOST_AUTO_TEST_CASE(one_connection_s_puts_leave_places_for_others) {
    auto one = join();
    auto other = join();
    std::vector<transfer_call> begun;
    for (int i = 0; i != 64; ++i) begun.push_back(trickle(one, i));
    BOOST_TEST(stats().running_calls == 32U);
    const auto refused = run([&] { return begun.back().reply(); });
    BOOST_TEST(outcome(refused) == "overloaded");
    BOOST_TEST(put_whole(one) == "overloaded");
    BOOST_TEST(put_whole(other) == "ok");
    begun.clear();
    run_until([&] { return stats().running_calls == 0U; });
    BOOST_TEST(put_whole(one) == "ok");
    leave(one);
    leave(other);
}

BOOST_AUTO_TEST_CASE(puts_that_hardly_move_give_their_places_up) {
    auto one = join();
    std::vector<transfer_call> begun;
    for (int i = 0; i != 32; ++i) begun.push_back(trickle(one, i));
    until_written(32);
    for (int quarter = 0; quarter != 4; ++quarter) {
        BOOST_TEST(put_whole(one) == "overloaded");
        for (const auto& each : begun) send_bytes(each, 1);
        clock.advance(transfer_stall / pace::looks);
        settle();
    }
    for (const auto& each : begun) BOOST_TEST(outcome(run([&] { return each.reply(); })) == "deadline_exceeded");
    BOOST_TEST(stats().running_calls == 0U);
    BOOST_TEST(directory.names().empty());
    BOOST_TEST(put_whole(one) == "ok");
    leave(one);
}

BOOST_AUTO_TEST_CASE(a_put_that_moves_just_fast_enough_may_take_any_time) {
    auto one = join();
    const auto call = trickle(one, 0);
    std::uintmax_t sent = 1;
    until_written(sent);
    for (int quarter = 0; quarter != 12; ++quarter) {
        send_bytes(call, least_moved / pace::looks);
        until_written(sent += least_moved / pace::looks);
        clock.advance(transfer_stall / pace::looks);
        settle();
    }
    const auto stored = run([&] { return call.reply(); });
    BOOST_TEST(outcome(stored) == "ok");
    BOOST_TEST(value_of(stored).bytes == sent);
    leave(one);
}

BOOST_AUTO_TEST_CASE(nobody_takes_more_places_than_are_left) {
    shared_slots all(64);
    std::vector<shared_slots::place> taken;
    BOOST_TEST(take_all(all, 1, taken) == 32U);
    BOOST_TEST(take_all(all, 2, taken) == 16U);
    BOOST_TEST(take_all(all, 3, taken) == 8U);
    BOOST_TEST(!all.take(1).has_value());
    taken.clear();
    BOOST_TEST(take_all(all, 3, taken) == 32U);
}

BOOST_AUTO_TEST_CASE(the_last_place_is_for_whoever_has_none) {
    shared_slots all(1);
    const auto place = all.take(1);
    BOOST_TEST(place.has_value());
    BOOST_TEST(!all.take(2).has_value());
}

BOOST_AUTO_TEST_CASE(work_is_too_slow_if_four_looks_see_too_little) {
    BOOST_TEST(looks_at({0, 0, 0, 0, 0}, 1) == "----x");
    BOOST_TEST(looks_at({0, 0, 0, 1, 1, 1, 1, 1}, 1) == "-------x");
    BOOST_TEST(looks_at({0, 25, 50, 75, 100, 125, 150}, 100) == "-------");
    BOOST_TEST(looks_at({0, 0, 0, 0, 100, 100, 100, 100, 199}, 100) == "--------x");
    BOOST_TEST(looks_at({0, 1, 2, 3, 4}, 100) == "----x");
    BOOST_TEST(looks_at({0, 1'000'000, 1'000'001, 1'000'002, 1'000'003, 1'000'004}, 100) == "-----x");
}

BOOST_AUTO_TEST_CASE(a_wait_that_is_excused_counts_not) {
    pace checked(1);
    movement waiting{.steps = 0, .excused = true};
    for (int i = 0; i != 10; ++i) BOOST_TEST(!checked.look_at(waiting));
    waiting.excused = false;
    for (int i = 0; i != 3; ++i) BOOST_TEST(!checked.look_at(waiting));
    BOOST_TEST(checked.look_at(waiting));
}

BOOST_AUTO_TEST_SUITE_END()
