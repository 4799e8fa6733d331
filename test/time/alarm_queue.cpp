#include "support/io_fixture.hpp"

#include <echosocket/clock.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include <algorithm>
#include <atomic>
#include <memory>
#include <numeric>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

struct queue_fixture : io_fixture {
    echosocket::clock& real = echosocket::steady_clock();
    std::vector<int> rang;

    std::unique_ptr<echosocket::alarm> make() { return real.make_alarm(io.get_executor()); }
    std::function<void()> ring(int which) {
        return [this, which] { rang.push_back(which); };
    }
    /// Alarms whose times have already come, set in another order than their times.
    std::vector<std::unique_ptr<echosocket::alarm>> set_shuffled() {
        const auto start = real.now() - 1s;
        std::vector<std::unique_ptr<echosocket::alarm>> alarms;
        for (int i = 0; i != shuffled; ++i) {
            alarms.push_back(make());
            alarms.back()->set(start + std::chrono::milliseconds(place_of(i)), ring(place_of(i)));
        }
        return alarms;
    }
    static int place_of(int i) { return i * 37 % shuffled; }
    static constexpr int shuffled = 100;

    void drain() {
        io.restart();
        io.run_for(patience);
    }
};

}  // namespace

// The alarms of one context share a timer. Uses real time, a few milliseconds.
BOOST_FIXTURE_TEST_SUITE(alarm_queue, queue_fixture)

BOOST_AUTO_TEST_CASE(alarms_go_off_in_the_order_of_their_times) {
    const auto alarms = set_shuffled();
    std::vector<int> expected(shuffled);
    std::iota(expected.begin(), expected.end(), 0);
    drain();
    BOOST_TEST(rang == expected);
}

BOOST_AUTO_TEST_CASE(what_is_taken_out_of_the_middle_leaves_the_order) {
    auto alarms = set_shuffled();
    std::vector<int> expected;
    for (int i = 0; i != shuffled; ++i) {
        auto& each = alarms[static_cast<std::size_t>(i)];
        if (i % 3 == 0) each.reset();
        if (i % 3 == 1) each->cancel();
        if (i % 3 == 2) expected.push_back(place_of(i));
    }
    std::ranges::sort(expected);
    drain();
    BOOST_TEST(rang == expected);
}

BOOST_AUTO_TEST_CASE(one_moved_before_all_others_goes_off_first) {
    const auto soon = real.now() + 2ms;
    const auto first = make();
    const auto second = make();
    first->set(soon, ring(1));
    second->set(real.now() + 1h, ring(100));
    second->set(soon - 1ms, ring(2));
    drain();
    const std::vector<int> expected{2, 1};
    BOOST_TEST(rang == expected);
}

BOOST_AUTO_TEST_CASE(the_rest_goes_off_though_the_first_was_cancelled) {
    const auto first = make();
    const auto second = make();
    first->set(real.now() + 1ms, ring(100));
    second->set(real.now() + 2ms, ring(1));
    first->cancel();
    drain();
    const std::vector<int> expected{1};
    BOOST_TEST(rang == expected);
}

BOOST_AUTO_TEST_CASE(one_on_its_way_can_be_set_anew) {
    const auto first = make();
    const auto second = make();
    const auto due = real.now() - 1ms;
    // Both are posted by one expiry, and the first to run moves the other.
    first->set(due, [&] { second->set(real.now() + 1ms, ring(2)); });
    second->set(due + 1us, ring(100));
    drain();
    const std::vector<int> expected{2};
    BOOST_TEST(rang == expected);
}

BOOST_AUTO_TEST_CASE(one_on_its_way_can_be_set_to_an_earlier_time) {
    const auto first = make();
    const auto second = make();
    const auto due = real.now() - 1ms;
    first->set(due, [&] { second->set(due - 1ms, ring(2)); });
    second->set(due + 1us, ring(100));
    drain();
    const std::vector<int> expected{2};
    BOOST_TEST(rang == expected);
}

BOOST_AUTO_TEST_CASE(a_context_may_end_while_alarms_are_queued_and_on_their_way) {
    using alarms = std::vector<std::unique_ptr<echosocket::alarm>>;
    std::weak_ptr<alarms> watched;
    {
        asio::io_context passing;
        auto made = std::make_shared<alarms>();
        watched = made;
        for (const auto when : {-1ms, 0ms, 3600'000ms}) {
            made->push_back(real.make_alarm(passing.get_executor()));
            made->back()->set(real.now() + when, ring(100));
        }
        passing.run_one_for(patience);  // only the timer runs; the alarms that are due are then on their way
        asio::post(passing, [made = std::move(made)] {});
        BOOST_TEST(!watched.expired());
    }
    BOOST_TEST(watched.expired());
    BOOST_TEST(rang.empty());
}

BOOST_AUTO_TEST_CASE(alarms_of_many_strands_go_off_once_each_on_two_threads) {
    constexpr int strands = 64;
    constexpr int rounds = 50;
    std::atomic<int> in_time = 0;
    std::atomic<int> cancelled_rang = 0;
    struct one {
        asio::strand<asio::io_context::executor_type> strand;
        std::unique_ptr<echosocket::alarm> repeated;
        std::unique_ptr<echosocket::alarm> dropped;
        int left = rounds;
        std::function<void()> step{};
    };
    std::vector<std::unique_ptr<one>> all;
    for (int i = 0; i != strands; ++i) {
        const auto strand = asio::make_strand(io);
        auto repeated = real.make_alarm(strand);
        auto dropped = real.make_alarm(strand);
        all.push_back(std::make_unique<one>(one{strand, std::move(repeated), std::move(dropped)}));
        auto& self = *all.back();
        self.step = [&] {
            self.dropped = real.make_alarm(self.strand);  // destroys the previous one at about its expiry
            if (self.left-- == 0) return;
            const auto due = real.now() + std::chrono::microseconds(100 + self.left);
            self.dropped->set(due, [&] { self.dropped->set(real.now() + 1h, [&] { ++cancelled_rang; }); });
            self.repeated->set(real.now() + 1h, [&] { ++cancelled_rang; });
            self.repeated->set(due, [&, due] {
                if (real.now() >= due) ++in_time;
                self.step();
            });
        };
        asio::post(strand, [&self] { self.step(); });
    }
    run_on_threads(2);
    BOOST_TEST(in_time == strands * rounds);
    BOOST_TEST(cancelled_rang == 0);
}

BOOST_AUTO_TEST_SUITE_END()
