#include "protocol/assembler.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <string>
#include <string_view>

using namespace echosocket::protocol;
using namespace echosocket::wire;

namespace {

using outcome = assembler::outcome;

frame piece(std::uint32_t id, std::string_view body, frame_kind kind = frame_kind::request) {
    return {.kind = kind, .flags = flag_more, .id = id, .body = body};
}

frame last(std::uint32_t id, std::string_view body, frame_kind kind = frame_kind::request) {
    return {.kind = kind, .id = id, .body = body};
}

struct assembler_fixture {
    echosocket::protocol::assembler bodies{10};
};

}  // namespace

BOOST_TEST_DONT_PRINT_LOG_VALUE(outcome)

BOOST_FIXTURE_TEST_SUITE(assembler, assembler_fixture)

BOOST_AUTO_TEST_CASE(pieces_come_to_the_whole_with_the_first_ones_meta) {
    auto first = piece(1, "ab");
    first.meta = "meta";
    BOOST_TEST(bodies.add(first) == outcome::partial);
    BOOST_TEST(bodies.add(piece(1, "")) == outcome::partial);
    auto end = last(1, "cde");
    end.meta = "ignored";
    BOOST_TEST(bodies.unfinished_bytes() == 6U);  // the meta too
    BOOST_TEST(bodies.add(end) == outcome::complete);
    const auto& message = bodies.message();
    BOOST_TEST((message.kind == frame_kind::request));
    BOOST_TEST(message.id == 1U);
    BOOST_TEST(!message.more());
    BOOST_TEST(message.meta == "meta");
    BOOST_TEST(message.body == "abcde");
    BOOST_TEST(bodies.empty());
    BOOST_TEST(bodies.unfinished_bytes() == 0U);
}

BOOST_AUTO_TEST_CASE(the_pieces_are_copied) {
    std::string buffer = "abc";
    BOOST_TEST(bodies.add(piece(1, buffer)) == outcome::partial);
    buffer = "xyz";
    BOOST_TEST(bodies.add(last(1, buffer)) == outcome::complete);
    BOOST_TEST(bodies.message().body == "abcxyz");
}

BOOST_AUTO_TEST_CASE(only_split_bodies_concern_it) {
    BOOST_TEST(!bodies.concerns(last(1, "a")));
    BOOST_TEST(bodies.concerns(piece(1, "a")));
    BOOST_TEST(bodies.add(piece(1, "a")) == outcome::partial);
    BOOST_TEST(bodies.concerns(last(1, "b")));
    BOOST_TEST(!bodies.concerns(last(3, "b")));
    BOOST_TEST(!bodies.concerns(last(1, "b", frame_kind::response)));
}

BOOST_AUTO_TEST_CASE(bodies_of_other_ids_and_kinds_come_between) {
    BOOST_TEST(bodies.add(piece(1, "a")) == outcome::partial);
    BOOST_TEST(bodies.add(piece(3, "1")) == outcome::partial);
    BOOST_TEST(bodies.add(piece(1, "A", frame_kind::response)) == outcome::partial);
    BOOST_TEST(bodies.add(last(3, "2")) == outcome::complete);
    BOOST_TEST(bodies.message().body == "12");
    BOOST_TEST(bodies.add(last(1, "B", frame_kind::response)) == outcome::complete);
    BOOST_TEST(bodies.message().body == "AB");
    BOOST_TEST(bodies.add(last(1, "b")) == outcome::complete);
    BOOST_TEST(bodies.message().body == "ab");
}

BOOST_AUTO_TEST_CASE(a_body_may_have_exactly_max_message_bytes) {
    BOOST_TEST(bodies.add(piece(1, "01234567")) == outcome::partial);
    BOOST_TEST(bodies.add(last(1, "89")) == outcome::complete);
    BOOST_TEST(bodies.add(piece(1, "01234567")) == outcome::partial);
    BOOST_TEST(bodies.add(last(1, "89!")) == outcome::too_large);
    BOOST_TEST(bodies.empty());
}

BOOST_AUTO_TEST_CASE(too_large_a_body_is_told_once_and_its_rest_dropped) {
    BOOST_TEST(bodies.add(piece(1, "01234567")) == outcome::partial);
    BOOST_TEST(bodies.add(piece(1, "89!")) == outcome::too_large);
    BOOST_TEST(bodies.unfinished_bytes() == 0U);
    BOOST_TEST(bodies.add(piece(1, "more")) == outcome::dropped);
    BOOST_TEST(bodies.concerns(last(1, "end")));
    BOOST_TEST(bodies.add(last(1, "end")) == outcome::dropped);
    BOOST_TEST(bodies.empty());
    BOOST_TEST(!bodies.concerns(last(1, "the id is free again")));
}

BOOST_AUTO_TEST_CASE(a_first_piece_may_be_too_large_already) {
    BOOST_TEST(bodies.add(piece(1, "0123456789!")) == outcome::too_large);
    BOOST_TEST(bodies.add(last(1, "")) == outcome::dropped);
    BOOST_TEST(bodies.empty());
}

BOOST_AUTO_TEST_CASE(bodies_beyond_the_fourth_are_too_many) {
    for (std::uint32_t id = 1; id <= 4; ++id) BOOST_TEST(bodies.add(piece(id, "a")) == outcome::partial);
    BOOST_TEST(bodies.add(piece(5, "a")) == outcome::too_many);
    BOOST_TEST(bodies.add_oversized(piece(5, "")) == outcome::too_many);
    BOOST_TEST(bodies.add(last(4, "")) == outcome::complete);
    BOOST_TEST(bodies.add(piece(5, "a")) == outcome::partial);
}

BOOST_AUTO_TEST_CASE(bodies_that_are_dropped_count_until_they_end) {
    for (std::uint32_t id = 1; id <= 4; ++id) BOOST_TEST(bodies.add_oversized(piece(id, "")) == outcome::too_large);
    BOOST_TEST(bodies.add(piece(5, "a")) == outcome::too_many);
    BOOST_TEST(bodies.add(last(1, "")) == outcome::dropped);
    BOOST_TEST(bodies.add(piece(5, "a")) == outcome::partial);
}

BOOST_AUTO_TEST_CASE(a_piece_that_was_skipped_makes_the_whole_too_large) {
    BOOST_TEST(bodies.add_oversized(last(1, "")) == outcome::too_large);
    BOOST_TEST(bodies.empty());

    BOOST_TEST(bodies.add(piece(1, "a")) == outcome::partial);
    BOOST_TEST(bodies.add_oversized(piece(1, "")) == outcome::too_large);
    BOOST_TEST(bodies.unfinished_bytes() == 0U);
    BOOST_TEST(bodies.add_oversized(piece(1, "")) == outcome::dropped);
    BOOST_TEST(bodies.add(last(1, "b")) == outcome::dropped);
    BOOST_TEST(bodies.empty());

    BOOST_TEST(bodies.add(piece(1, "a")) == outcome::partial);
    BOOST_TEST(bodies.add_oversized(last(1, "")) == outcome::too_large);
    BOOST_TEST(bodies.empty());
}

BOOST_AUTO_TEST_CASE(the_rest_of_an_abandoned_body_is_dropped) {
    BOOST_TEST(bodies.add(piece(1, "abc")) == outcome::partial);
    BOOST_TEST(bodies.abandon(frame_kind::request, 1));
    BOOST_TEST(bodies.unfinished_bytes() == 0U);
    BOOST_TEST(!bodies.abandon(frame_kind::request, 1));
    BOOST_TEST(bodies.add(piece(1, "def")) == outcome::dropped);
    BOOST_TEST(bodies.add(last(1, "ghi")) == outcome::dropped);
    BOOST_TEST(bodies.empty());
    BOOST_TEST(!bodies.abandon(frame_kind::request, 3));
}

BOOST_AUTO_TEST_CASE(a_body_can_be_taken_out_without_its_meta) {
    auto first = piece(1, "abc");
    first.meta = "meta";
    BOOST_TEST(bodies.add(first) == outcome::partial);
    BOOST_TEST(bodies.add(last(1, "def")) == outcome::complete);
    BOOST_TEST(bodies.take_body() == "abcdef");
    BOOST_TEST(bodies.message().body.empty());
    BOOST_TEST(bodies.message().meta == "meta");
}

BOOST_AUTO_TEST_CASE(a_body_in_one_frame_passes_through) {
    BOOST_TEST(bodies.add(last(1, "whole")) == outcome::complete);
    BOOST_TEST(bodies.message().body == "whole");
    BOOST_TEST(bodies.empty());
}

BOOST_AUTO_TEST_CASE(a_large_body_gets_addresses_for_the_largest_one_and_is_copied_no_more) {
    constexpr std::size_t limit = 4 * 1024 * 1024;
    static std::size_t told = 0;
    told = 0;
    echosocket::protocol::assembler large(limit, 4, [](std::string& body) noexcept { told = body.capacity(); });
    const std::string part(64 * 1024, 'x');
    BOOST_TEST(large.add(piece(1, part)) == outcome::partial);
    BOOST_TEST(large.add(piece(1, part)) == outcome::partial);
    BOOST_TEST(told == 0U);  // small ones grow as they come
    BOOST_TEST(large.add(piece(1, part)) == outcome::partial);
    BOOST_TEST(told == limit);
    told = 0;
    for (std::size_t size = 3 * part.size(); size != limit - part.size(); size += part.size())
        BOOST_TEST_REQUIRE(large.add(piece(1, part)) == outcome::partial);
    BOOST_TEST(large.add(last(1, part)) == outcome::complete);
    BOOST_TEST(told == 0U);
    const auto body = large.take_body();
    BOOST_TEST(body.size() == limit);
    BOOST_TEST(body.capacity() == limit);
}

BOOST_AUTO_TEST_CASE(what_is_reserved_has_a_bound_of_its_own) {
    static std::size_t told = 0;
    told = 0;
    echosocket::protocol::assembler giant(1ULL << 40, 4, [](std::string& body) noexcept { told = body.capacity(); });
    const std::string part(1024 * 1024, 'x');
    for (int i = 0; i != 66; ++i) BOOST_TEST_REQUIRE(giant.add(piece(1, part)) == outcome::partial);
    BOOST_TEST(told == most_reserved);
    BOOST_TEST(giant.add(last(1, "end")) == outcome::complete);
    BOOST_TEST(giant.message().body.size() == 66 * part.size() + 3);
}

BOOST_AUTO_TEST_SUITE_END()
