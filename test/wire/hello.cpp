#include "wire/hello.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <string>
#include <string_view>

using namespace echosocket;
using namespace echosocket::wire;

namespace {

std::string record(int tag, std::string_view value) {
    std::string bytes(3, '\0');
    bytes[0] = static_cast<char>(tag);
    store(bytes.data() + 1, static_cast<std::uint16_t>(value.size()));
    return bytes.append(value);
}

template <class Integer>
std::string bytes_of(Integer value) {
    std::string bytes(sizeof value, '\0');
    store(bytes.data(), value);
    return bytes;
}

hello_check check_of(std::string_view records, wire::hello& h) {
    const auto body = std::string("ECHO\1\0\0\0", 8).append(records);
    return parse_hello({.kind = frame_kind::hello, .body = body}, h);
}

errc error_of(std::string_view records) {
    wire::hello h;
    return check_of(record(1, "x").append(records), h).error;
}

errc error_of(const frame& f) {
    wire::hello h;
    return parse_hello(f, h).error;
}

}  // namespace

BOOST_TEST_DONT_PRINT_LOG_VALUE(errc)

BOOST_AUTO_TEST_SUITE(hello)

BOOST_AUTO_TEST_CASE(an_older_end_skips_what_it_does_not_know) {
    wire::hello h;
    BOOST_TEST(check_of(record(99, "new") + record(1, "x") + record(0, ""), h).error == errc{});
    BOOST_TEST(h.name == "x");
    BOOST_TEST(h.max_calls == 1024U);
}

BOOST_AUTO_TEST_CASE(a_name_is_needed_and_checked) {
    wire::hello h;
    BOOST_TEST(check_of("", h).error == errc::protocol_error);
    BOOST_TEST(check_of(record(1, ""), h).error == errc::protocol_error);
    BOOST_TEST(check_of(record(1, std::string(255, 'x')), h).error == errc{});
    BOOST_TEST(check_of(record(1, std::string(256, 'x')), h).error == errc::protocol_error);
    BOOST_TEST(check_of(record(1, "\xff"), h).error == errc::protocol_error);
}

BOOST_AUTO_TEST_CASE(limits_out_of_range_are_refused) {
    BOOST_TEST(error_of(record(3, bytes_of(1023U))) == errc::protocol_error);
    BOOST_TEST(error_of(record(3, bytes_of(1024U))) == errc{});
    BOOST_TEST(error_of(record(3, bytes_of(0xffffffffU))) == errc::protocol_error);  // max_message is below it
    BOOST_TEST(error_of(record(4, bytes_of(std::uint64_t{1024 * 1024 - 1}))) == errc::protocol_error);
    BOOST_TEST(error_of(record(4, bytes_of(UINT64_MAX))) == errc{});
    BOOST_TEST(error_of(record(5, bytes_of(0U))) == errc{});
    BOOST_TEST(error_of(record(6, bytes_of(0x7fffffffU))) == errc{});
    BOOST_TEST(error_of(record(6, bytes_of(0x80000000U))) == errc::protocol_error);
    BOOST_TEST(error_of(record(9, bytes_of(1023U))) == errc::protocol_error);
    BOOST_TEST(error_of(record(9, bytes_of(1024U))) == errc{});
    BOOST_TEST(error_of(record(9, bytes_of(0x7fffffffU))) == errc{});
    BOOST_TEST(error_of(record(9, bytes_of(0x80000000U))) == errc::protocol_error);
}

BOOST_AUTO_TEST_CASE(of_a_repeated_record_the_last_counts_and_the_others_are_well_formed) {
    BOOST_TEST(
        (error_of(record(3, bytes_of<std::uint32_t>(1'023)) + record(3, bytes_of<std::uint32_t>(4'096))) == errc{}));
    BOOST_TEST((error_of(record(3, bytes_of<std::uint32_t>(4'096)) + record(3, bytes_of<std::uint32_t>(1'023))) ==
                errc::protocol_error));
    BOOST_TEST((error_of(record(3, "x") + record(3, bytes_of<std::uint32_t>(4'096))) == errc::protocol_error));
    BOOST_TEST((error_of(record(1, "\xff") + record(1, "good")) == errc::protocol_error));
    BOOST_TEST((error_of(record(1, "") + record(1, "good")) == errc::protocol_error));
    BOOST_TEST((error_of(record(2, "") + record(2, "good")) == errc{}));
}

BOOST_AUTO_TEST_CASE(numbers_have_their_size) {
    for (const int tag : {3, 4, 5, 6, 9})
        for (const std::size_t size : {0U, 1U, 3U, 5U, 7U, 9U})
            BOOST_TEST(error_of(record(tag, std::string(size, '\1'))) == errc::protocol_error);
}

BOOST_AUTO_TEST_CASE(records_cut_at_any_byte_are_refused) {
    const auto records = record(2, "software");
    for (std::size_t size = 1; size < records.size(); ++size)
        BOOST_TEST(error_of(std::string_view(records).substr(0, size)) == errc::protocol_error);
    BOOST_TEST(error_of(std::string_view("\x02\xff\xff", 3)) == errc::protocol_error);
}

BOOST_AUTO_TEST_CASE(another_major_version_is_told_apart_whatever_follows) {
    wire::hello h;
    const auto body = std::string("ECHO\2\1\3\0??", 10);
    const auto check = parse_hello({.kind = frame_kind::hello, .body = body}, h);
    BOOST_TEST(check.error == errc::unsupported_version);
    BOOST_TEST(h.major == 0x0102);
    BOOST_TEST(h.minor == 3);
}

BOOST_AUTO_TEST_CASE(what_is_no_hello_is_not_read_as_one) {
    const auto body = std::string("ECHO\1\0\0\0", 8) + record(1, "x");
    BOOST_TEST(error_of({.kind = frame_kind::hello, .body = body}) == errc{});
    BOOST_TEST(error_of({.kind = frame_kind::request, .body = body}) == errc::not_echosocket);
    BOOST_TEST(error_of({.kind = frame_kind::hello, .id = 1, .body = body}) == errc::not_echosocket);
    BOOST_TEST(error_of({.kind = frame_kind::hello, .meta = "m", .body = body}) == errc::not_echosocket);
    BOOST_TEST(error_of({.kind = frame_kind::hello, .body = ""}) == errc::not_echosocket);
    BOOST_TEST(error_of({.kind = frame_kind::hello, .body = "ECHO\1"}) == errc::protocol_error);
}

BOOST_AUTO_TEST_CASE(the_start_of_a_hello_has_a_length_that_a_hello_can_have) {
    const auto starts = [](std::uint32_t length) { return check_hello_start(bytes_of(length)).error == errc{}; };
    BOOST_TEST((!starts(0) && !starts(15) && starts(16) && starts(16384) && !starts(16385)));
    BOOST_TEST((!starts(0x10010) && !starts(0x1000010) && !starts(0x80000000) && !starts(0xffffffff)));
}

BOOST_AUTO_TEST_CASE(the_flags_of_a_hello_may_say_anything_that_is_not_known) {
    std::string bytes;
    append_hello(bytes, {.name = "x"});
    bytes[5] = '\xfe';
    BOOST_TEST(check_hello_start(bytes).error == errc{});
    const auto head = parse_frame(bytes, {});
    BOOST_TEST(error_of(head.frame) == errc{});
}

BOOST_AUTO_TEST_CASE(a_client_may_be_answered_by_an_error_about_the_connection) {
    std::string refusal;
    append_frame(refusal, {.kind = frame_kind::error, .meta = std::string_view("\3\2\0\x1a\0", 5), .body = "full"});
    for (std::size_t size = 0; size <= refusal.size(); ++size)
        BOOST_TEST(check_answer_start(std::string_view(refusal).substr(0, size)).detail == "", "of its bytes " << size);
    BOOST_TEST(check_hello_start(refusal).error == errc::not_echosocket);

    std::string least;
    append_frame(least, {.kind = frame_kind::error});
    BOOST_TEST(check_answer_start(least).error == errc{});
    std::string of_a_call;
    append_frame(of_a_call, {.kind = frame_kind::error, .id = 1});
    BOOST_TEST(check_answer_start(of_a_call).error == errc::not_echosocket);
    std::string large;
    append_frame(large, {.kind = frame_kind::error, .body = std::string(max_hello, 'x')});
    BOOST_TEST(check_answer_start(large).error == errc::not_echosocket);
    BOOST_TEST(check_answer_start("HTTP/1.1 400 Bad Request\r\n").error == errc::not_echosocket);
    std::string response;
    append_frame(response, {.kind = frame_kind::response, .body = "not yet"});
    BOOST_TEST(check_answer_start(response).error == errc::not_echosocket);
}

BOOST_AUTO_TEST_SUITE_END()
