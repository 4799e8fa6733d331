#include "wire/frame.hpp"

#include "support/allocation_count.hpp"
#include "support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <limits>
#include <string>

using namespace echosocket;
using namespace echosocket::wire;

namespace {

constexpr frame_limits small_limits{.max_frame = 16, .max_skip = 64};

std::string header(std::uint32_t length, std::uint16_t meta_size = 0, frame_kind kind = frame_kind::request) {
    std::string bytes(header_size, '\0');
    store(bytes.data(), length);
    bytes[4] = static_cast<char>(kind);
    store(bytes.data() + 6, meta_size);
    store(bytes.data() + 8, std::uint32_t{1});
    return bytes;
}

std::string frame_with_body(std::size_t size) {
    std::string bytes;
    append_frame(bytes, {.kind = frame_kind::request, .id = 1, .body = std::string(size, 'x')});
    return bytes;
}

parse_status status_of(std::string_view bytes, const frame_limits& limits = {}) {
    return parse_frame(bytes, limits).status;
}

}  // namespace

BOOST_TEST_DONT_PRINT_LOG_VALUE(parse_status)
BOOST_TEST_DONT_PRINT_LOG_VALUE(errc)

BOOST_AUTO_TEST_SUITE(frame)

BOOST_AUTO_TEST_CASE(what_was_written_is_read_with_views_into_the_buffer) {
    std::string bytes = "before";
    append_frame(bytes, {.kind = frame_kind::item, .flags = 0x83, .id = 0xfedcba98, .meta = "meta", .body = "body"});
    const auto at = std::string_view(bytes).substr(6);
    const auto head = parse_frame(at, {});
    BOOST_TEST(head.status == parse_status::complete);
    BOOST_TEST(head.size == at.size());
    BOOST_TEST((head.frame.kind == frame_kind::item));
    BOOST_TEST(head.frame.flags == 0x83);
    BOOST_TEST(head.frame.more());
    BOOST_TEST(head.frame.ignorable());
    BOOST_TEST(head.frame.id == 0xfedcba98);
    BOOST_TEST(head.frame.meta == "meta");
    BOOST_TEST(head.frame.body == "body");
    BOOST_TEST(head.frame.meta.data() == at.data() + header_size);
}

BOOST_AUTO_TEST_CASE(frames_follow_each_other_without_a_gap) {
    std::string bytes;
    for (std::uint32_t id = 1; id <= 99; id += 2)
        append_frame(bytes, {.kind = frame_kind::request, .id = id, .body = std::string(id % 7, 'x')});
    std::string_view rest = bytes;
    for (std::uint32_t id = 1; id <= 99; id += 2) {
        const auto head = parse_frame(rest, {});
        BOOST_REQUIRE((head.status == parse_status::complete));
        BOOST_TEST(head.frame.id == id);
        BOOST_TEST(head.frame.body.size() == id % 7);
        rest.remove_prefix(head.size);
    }
    BOOST_TEST(rest.empty());
    BOOST_TEST(status_of(rest) == parse_status::incomplete);
}

BOOST_AUTO_TEST_CASE(parsing_and_writing_allocate_nothing) {
    const auto bytes = frame_with_body(4096);
    char out[header_size];
    const auto before = test::allocation_count();
    for (std::size_t size = 0; size <= bytes.size(); ++size)
        static_cast<void>(parse_frame(std::string_view(bytes).substr(0, size), {}));
    write_header(out, frame_kind::request, 0, 1, 0, 4096);
    BOOST_TEST(test::allocation_count() == before);
    BOOST_TEST(std::string_view(out, header_size) == std::string_view(bytes).substr(0, header_size));
}

BOOST_AUTO_TEST_CASE(a_length_below_the_header_is_invalid) {
    for (std::uint32_t length = 0; length < 8; ++length) {
        const auto head = parse_frame(header(length), {});
        BOOST_TEST(head.status == parse_status::invalid);
        BOOST_TEST(head.error == errc::protocol_error);
        BOOST_TEST(status_of(header(length).substr(0, length_size)) == parse_status::invalid);
    }
    BOOST_TEST(status_of(header(8)) == parse_status::complete);
}

BOOST_AUTO_TEST_CASE(huge_lengths_are_invalid_before_anything_else_is_looked_at) {
    for (const std::uint32_t length : {0x7fffffffU, 0x80000000U, 0x80000001U, 0xfffffff8U, 0xfffffffeU, 0xffffffffU}) {
        for (const std::size_t size : {length_size, std::size_t{8}, header_size}) {
            const auto head = parse_frame(header(length, 0xffff).substr(0, size), {});
            BOOST_TEST(head.status == parse_status::invalid);
            BOOST_TEST(head.error == errc::frame_too_large);
        }
    }
}

BOOST_AUTO_TEST_CASE(no_limit_makes_a_length_wrap_around) {
    constexpr auto most = std::numeric_limits<std::size_t>::max();
    const auto head = parse_frame(header(0xffffffffU), {.max_frame = most, .max_skip = most});
    BOOST_TEST(head.status == parse_status::incomplete);
    BOOST_TEST(head.size == 0x100000003U);
    BOOST_TEST(status_of(header(8, 1) + "m", {.max_frame = most, .max_skip = most}) == parse_status::invalid);
    const auto none = parse_frame(header(9), {.max_frame = 0, .max_skip = 0});
    BOOST_TEST(none.error == errc::frame_too_large);
    BOOST_TEST(status_of(header(8), {.max_frame = 0, .max_skip = 0}) == parse_status::complete);
}

BOOST_AUTO_TEST_CASE(a_body_is_taken_up_to_max_frame_skipped_up_to_max_skip_and_fatal_above) {
    BOOST_TEST(status_of(frame_with_body(16), small_limits) == parse_status::complete);
    BOOST_TEST(status_of(frame_with_body(17), small_limits) == parse_status::oversized);
    BOOST_TEST(status_of(frame_with_body(64), small_limits) == parse_status::oversized);
    BOOST_TEST(status_of(frame_with_body(65), small_limits) == parse_status::invalid);
    BOOST_TEST(parse_frame(frame_with_body(65), small_limits).error == errc::frame_too_large);
}

BOOST_AUTO_TEST_CASE(the_limits_are_those_of_the_body_alone) {
    std::string bytes;
    append_frame(bytes, {.kind = frame_kind::request,
                         .id = 1,
                         .meta = std::string(max_meta, 'm'),
                         .body = std::string(small_limits.max_frame, 'b')});
    BOOST_TEST(status_of(bytes, small_limits) == parse_status::complete);
    BOOST_TEST(status_of(std::string_view(bytes).substr(0, length_size), small_limits) == parse_status::incomplete);
    // The largest length that is not invalid by itself, and one more.
    const auto most = static_cast<std::uint32_t>(8 + max_meta + small_limits.max_skip);
    BOOST_TEST(status_of(header(most).substr(0, length_size), small_limits) == parse_status::incomplete);
    BOOST_TEST(status_of(header(most + 1).substr(0, length_size), small_limits) == parse_status::invalid);
}

BOOST_AUTO_TEST_CASE(meta_is_bounded_by_its_limit_and_by_its_frame) {
    BOOST_TEST(status_of(header(8 + 4, 4) + "meta") == parse_status::complete);
    BOOST_TEST(status_of(header(8 + 4, 5) + "meta") == parse_status::invalid);
    BOOST_TEST(status_of(header(8 + 4, 0xffff) + "meta") == parse_status::invalid);
    BOOST_TEST(status_of(header(8 + 4096, 4096)) == parse_status::incomplete);
    BOOST_TEST(status_of(header(8 + 4097, 4097)) == parse_status::invalid);
    BOOST_TEST(parse_frame(header(8 + 4097, 4097), {}).error == errc::protocol_error);
    BOOST_TEST(status_of(header(8 + 4097, 4097).append(4097, 'm')) == parse_status::invalid);
}

BOOST_AUTO_TEST_CASE(an_oversized_frame_tells_whose_it_is) {
    auto bytes = header(8 + 20, 3, frame_kind::response);
    bytes[5] = flag_more;
    const auto head = parse_frame(bytes, small_limits);
    BOOST_TEST(head.status == parse_status::oversized);
    BOOST_TEST((head.frame.kind == frame_kind::response));
    BOOST_TEST(head.frame.more());
    BOOST_TEST(head.frame.id == 1U);
    BOOST_TEST(head.size == 12U + 20U);
    BOOST_TEST(head.frame.body.empty());
}

BOOST_AUTO_TEST_CASE(only_what_the_connection_can_do_without_is_skipped) {
    const auto verdict = [](frame_kind kind, std::uint8_t flags) {
        auto bytes = header(8 + 20, 0, kind);
        bytes[5] = static_cast<char>(flags);
        const auto head = parse_frame(bytes, small_limits);
        BOOST_TEST(((head.status == parse_status::invalid) == (head.error == errc::frame_too_large)));
        return head.status;
    };
    for (const auto kind : {frame_kind::request, frame_kind::response, frame_kind::notify, frame_kind::item})
        BOOST_TEST(verdict(kind, 0) == parse_status::oversized);
    for (const auto kind : {frame_kind::hello, frame_kind::error, frame_kind::cancel, frame_kind::end,
                            frame_kind::credit, frame_kind::ping, frame_kind::pong, frame_kind::goaway})
        BOOST_TEST(verdict(kind, flag_ignorable) == parse_status::invalid);
    BOOST_TEST(verdict(static_cast<frame_kind>(200), flag_ignorable) == parse_status::oversized);
    BOOST_TEST(verdict(static_cast<frame_kind>(200), 0) == parse_status::invalid);
}

BOOST_AUTO_TEST_CASE(unknown_kinds_are_frames_like_others) {
    for (const int kind : {0, 13, 200, 255}) {
        const auto unknown = static_cast<frame_kind>(kind);
        BOOST_TEST(!is_known(unknown));
        BOOST_TEST(name_of(unknown) == "unknown");
        const auto head = parse_frame(header(8, 0, unknown), {});
        BOOST_TEST(head.status == parse_status::complete);
        BOOST_TEST((head.frame.kind == unknown));
        BOOST_TEST(fault_of(head.frame) == "");
    }
}

BOOST_AUTO_TEST_CASE(only_messages_may_be_split) {
    for (std::uint8_t kind = 1; is_known(static_cast<frame_kind>(kind)); ++kind) {
        const wire::frame f{.kind = static_cast<frame_kind>(kind), .flags = flag_more, .id = 1};
        const bool may =
            f.kind == frame_kind::request || f.kind == frame_kind::response || f.kind == frame_kind::notify;
        BOOST_TEST(is_splittable(f.kind) == may);
        BOOST_TEST(fault_of(f).empty() == may, name_of(f.kind));
    }
}

BOOST_AUTO_TEST_CASE(a_ping_may_have_64_bytes) {
    const std::string body(65, 'x');
    BOOST_TEST(fault_of({.kind = frame_kind::ping, .body = std::string_view(body).substr(0, 64)}) == "");
    BOOST_TEST(fault_of({.kind = frame_kind::ping, .body = body}) != "");
}

BOOST_AUTO_TEST_SUITE_END()
