#include "protocol/outbox.hpp"

#include "support/allocation_count.hpp"
#include "support/raw_frames.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

using namespace echosocket;
using wire::frame_kind;

namespace {

constexpr std::size_t kib = 1024;

/// Takes what `from` gathers, as a line does that takes so many bytes at once; all of it if `most` is 0.
std::string taken_from(protocol::outbox& from, std::size_t most) {
    std::array<std::string_view, 64> pieces;
    std::string taken;
    const auto count = from.gather(pieces);
    for (std::size_t i = 0; i != count && taken.size() < most; ++i) taken += pieces[i].substr(0, most - taken.size());
    from.wrote(taken.size());
    return taken;
}

std::string written_by(protocol::outbox& from, std::size_t at_once = 1024 * kib) {
    std::string all;
    while (!from.empty()) all += taken_from(from, at_once);
    return all;
}

std::string body_of(std::uint32_t id, std::size_t size) {
    return std::string(size, static_cast<char>('a' + id % 26));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(outbox)

BOOST_AUTO_TEST_CASE(small_and_large_bodies_are_written_in_their_order_and_whole) {
    for (const std::size_t at_once : {1 * kib, 100 * kib, 10'000 * kib}) {
        protocol::outbox out;
        out.set_max_frame(1024 * kib);
        std::string expected;
        for (std::uint32_t id = 1; id != 100; ++id) {
            const auto body = body_of(id, id % 3 == 0 ? 20 * kib : id % 7 == 0 ? 70 * kib : id);
            out.push(frame_kind::response, id, {}, std::string(body));
            expected += test::raw::response(id, body);
        }
        BOOST_TEST(out.size() == expected.size());
        BOOST_TEST((written_by(out, at_once) == expected), at_once);
        BOOST_TEST(out.empty());
    }
}

BOOST_AUTO_TEST_CASE(what_is_queued_between_writes_follows_what_is_still_there) {
    protocol::outbox out;
    std::string expected;
    std::string came;
    for (std::uint32_t id = 1; id != 50; ++id) {
        const auto body = body_of(id, id % 2 == 0 ? 16 * kib : 10);
        out.push(frame_kind::response, id, {}, std::string(body));
        expected += test::raw::response(id, body);
        came += taken_from(out, 1 * kib);
        if (id % 10 == 0) came += written_by(out);
    }
    BOOST_TEST((came + written_by(out) == expected));
}

BOOST_AUTO_TEST_CASE(large_bodies_cost_little_more_memory_than_their_own) {
    protocol::outbox out;
    const test::allocation_watch memory;
    for (std::uint32_t id = 1; id != 65; ++id) out.push(frame_kind::response, id, {}, body_of(id, 16 * kib));
    BOOST_TEST(out.size() > 64 * 16 * kib);
    BOOST_TEST(memory.peak() < out.size() + 128 * kib);  // one block for all headers, and the list of the pieces
    out.clear();
}

BOOST_AUTO_TEST_CASE(pieces_leave_others_their_turn) {
    protocol::outbox out;
    out.push(frame_kind::response, 1, {}, std::string(3 * 1024 * kib, 'l'));
    const auto first = taken_from(out, 1024 * kib);
    BOOST_TEST(out.only_pieces_left());
    BOOST_TEST(first.size() >= 64 * kib);
    BOOST_TEST(first.size() < 128 * kib);
    out.push(frame_kind::pong, 0, std::string_view("now"));
    BOOST_TEST(!out.only_pieces_left());
    const auto rest = written_by(out);
    BOOST_TEST(rest.find("now") < kib);
}

BOOST_AUTO_TEST_CASE(a_body_of_its_own_is_given_back_while_it_goes_out_and_one_of_others_is_not) {
    std::string large(8 * 1024 * kib, 'l');
    const auto others = std::make_shared<const std::string>(large);
    const char* at = large.data();
    for (const bool is_shared : {true, false}) {
        protocol::outbox out;
        if (is_shared) {
            out.push(frame_kind::response, 1, {}, others);
        } else {
            out.push(frame_kind::response, 1, {}, std::move(large));
        }
        std::string came;
        while (came.size() < 6 * 1024 * kib) came += taken_from(out, 1024 * kib);
        BOOST_TEST(std::ranges::count(came, 'l') > 5 * 1024 * 1024);
        if (is_shared) {
            BOOST_TEST(std::ranges::count(*others, 'l') == 8 * 1024 * 1024);
        } else {
            BOOST_TEST(at[4 * 1024 * kib] == '\0');  // the page was given back and reads as zeros
        }
        came += written_by(out);
        BOOST_TEST(std::ranges::count(came, 'l') == 8 * 1024 * 1024);
    }
}

BOOST_AUTO_TEST_SUITE_END()
