#include "cli/load/histogram.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

using echosocket::load::histogram;

BOOST_AUTO_TEST_SUITE(load_histogram)

BOOST_AUTO_TEST_CASE(an_empty_one_has_no_values) {
    const histogram nothing;
    BOOST_TEST(nothing.count() == 0U);
    BOOST_TEST(nothing.min() == 0U);
    BOOST_TEST(nothing.max() == 0U);
    BOOST_TEST(nothing.mean() == 0.0);
    BOOST_TEST(nothing.value_at(0.99) == 0U);
    BOOST_TEST(nothing.buckets().empty());
}

BOOST_AUTO_TEST_CASE(small_values_are_exact) {
    for (std::uint64_t value = 0; value < 256; ++value) {
        histogram one;
        one.record(value);
        BOOST_TEST(one.buckets().front().highest == value);
        BOOST_TEST(one.value_at(0.5) == value);
    }
}

BOOST_AUTO_TEST_CASE(no_value_is_off_by_more_than_a_part_in_128) {
    for (unsigned power = 0; power < 40; ++power) {
        for (const std::int64_t off : {-1, 0, 1, 77}) {
            const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>((std::int64_t{1} << power) + off, 0));
            if (value > histogram::largest) continue;
            histogram one;
            one.record(value);
            const auto highest = one.buckets().front().highest;
            BOOST_TEST(highest >= value);
            BOOST_TEST(highest - value <= value / 128);
        }
    }
}

BOOST_AUTO_TEST_CASE(percentiles_are_those_of_the_sorted_values) {
    std::mt19937_64 random(7);
    std::vector<std::uint64_t> values(10'000);
    histogram all;
    for (auto& value : values) {
        value = static_cast<std::uint64_t>(std::exp(std::uniform_real_distribution<>(2, 25)(random)));
        all.record(value);
    }
    std::sort(values.begin(), values.end());
    for (const double share : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
        const auto exact = values[static_cast<std::size_t>(std::ceil(share * 10'000)) - 1];
        BOOST_TEST(all.value_at(share) >= exact);
        BOOST_TEST(all.value_at(share) - exact <= exact / 128);
    }
    BOOST_TEST(all.min() == values.front());
    BOOST_TEST(all.max() == values.back());
    BOOST_TEST(all.value_at(1) == values.back());
}

BOOST_AUTO_TEST_CASE(buckets_rise_and_add_up) {
    histogram some;
    for (std::uint64_t value = 1; value < 1'000'000; value += 997) some.record(value);
    std::uint64_t sum = 0;
    std::uint64_t last = 0;
    for (const auto& [highest, count] : some.buckets()) {
        BOOST_TEST(highest > last);
        last = highest;
        sum += count;
    }
    BOOST_TEST(sum == some.count());
}

BOOST_AUTO_TEST_CASE(what_is_too_large_counts_as_the_largest) {
    histogram one;
    one.record(UINT64_MAX);
    BOOST_TEST(one.count() == 1U);
    BOOST_TEST(one.max() == histogram::largest);
    BOOST_TEST(one.value_at(0.5) == histogram::largest);
}

BOOST_AUTO_TEST_CASE(merging_is_as_if_all_had_been_recorded_in_one) {
    histogram first;
    histogram second;
    first.record(100);
    first.record(5'000);
    second.record(20);
    first.merge(second);
    BOOST_TEST(first.count() == 3U);
    BOOST_TEST(first.min() == 20U);
    BOOST_TEST(first.max() == 5'000U);
    BOOST_TEST(first.value_at(0.5) == 100U);
    BOOST_TEST(first.mean() == (100.0 + 5'000.0 + 20.0) / 3);
}

BOOST_AUTO_TEST_CASE(clearing_forgets_everything) {
    histogram some;
    some.record(9);
    some.clear();
    some.record(70);
    BOOST_TEST(some.count() == 1U);
    BOOST_TEST(some.min() == 70U);
    BOOST_TEST(some.max() == 70U);
    BOOST_TEST(some.mean() == 70.0);
}

BOOST_AUTO_TEST_SUITE_END()
