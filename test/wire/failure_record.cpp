#include "wire/failure_record.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace echosocket;
using namespace echosocket::wire;

namespace {

std::string bytes_of(const wire::meta& records) {
    std::string bytes(meta_size(records), '\0');
    write_meta(bytes.data(), records);
    return bytes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(failure_record)

BOOST_AUTO_TEST_CASE(the_same_failure_is_read_that_was_written) {
    for (const bool retryable : {false, true}) {
        for (const bool started : {false, true}) {
            failure sent(errc::overloaded, "größer");
            sent.retryable = retryable;
            sent.started = started;
            const auto records = bytes_of(meta_of(sent));
            const frame error{.kind = frame_kind::error, .meta = records, .body = text_of(sent, 1024)};
            BOOST_CHECK(read_failure(error) == sent);
            BOOST_CHECK(read_end_failure(error) == sent);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_code_of_the_application_is_kept) {
    const auto code = static_cast<errc>(4711);
    const auto records = bytes_of(meta_of(failure(code)));
    BOOST_CHECK(read_failure({.kind = frame_kind::error, .meta = records}).code == code);
}

BOOST_AUTO_TEST_CASE(a_text_is_cut_to_what_an_error_may_say_and_to_one_frame_of_the_receiver) {
    const failure why(errc::task_failed, std::string(5000, 'x'));
    BOOST_TEST(text_of(why, 1024 * 1024).size() == max_text);
    BOOST_TEST(text_of(why, 1024).size() == 1024U);
}

BOOST_AUTO_TEST_CASE(a_text_is_cut_between_characters) {
    std::string text(1023, 'x');
    text += "ö";
    const failure why(errc::task_failed, text);
    BOOST_TEST(text_of(why, 1024).size() == 1023U);
}

BOOST_AUTO_TEST_CASE(an_error_without_a_code_or_with_a_broken_meta_is_a_failed_task) {
    const failure unknown = read_failure({.kind = frame_kind::error, .body = "why"});
    BOOST_CHECK(unknown.code == errc::task_failed);
    BOOST_TEST(unknown.detail == "why");
    const failure broken = read_failure({.kind = frame_kind::error, .meta = "?", .body = "why"});
    BOOST_CHECK(broken.code == errc::task_failed);
    BOOST_TEST(broken.detail == "why");
}

BOOST_AUTO_TEST_CASE(a_fact_that_is_not_sent_does_not_hold) {
    const auto records = bytes_of({.code = static_cast<std::uint16_t>(errc::overloaded)});
    const failure why = read_failure({.kind = frame_kind::error, .meta = records});
    BOOST_TEST(!why.retryable);
    BOOST_TEST(!why.started);
}

BOOST_AUTO_TEST_CASE(an_end_without_a_code_did_not_fail) {
    BOOST_CHECK(!read_end_failure({.kind = frame_kind::end}));
    BOOST_CHECK(!read_end_failure({.kind = frame_kind::end, .meta = "?"}));
}

BOOST_AUTO_TEST_SUITE_END()
