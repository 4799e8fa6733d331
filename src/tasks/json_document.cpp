// JSON text to a document, with numbers that are exact.
#include <echosocket/detail/json_reader.hpp>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>
#include <boost/json/parse_options.hpp>
#include <boost/json/value_stack.hpp>

#include <charconv>
#include <cmath>
#include <limits>

namespace echosocket::detail {
namespace {

/// The double nearest to what `text` says; infinity above all doubles. `estimate` is near it.
double exact_number(std::string_view text, double estimate) noexcept {
    double number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec == std::errc()) return number;
    // `from_chars` does not say on which side it is out of range.
    return std::copysign(std::abs(estimate) < 1 ? 0.0 : std::numeric_limits<double>::infinity(), estimate);
}

/// Builds a value as json::parser does, but for numbers: that one rounds a double on the way more than once, and -0 is
/// an integer to it, without a sign. The text comes whole, so no string and no number comes in parts.
class value_builder {
public:
    static constexpr std::size_t max_object_size = json::object::max_size();
    static constexpr std::size_t max_array_size = json::array::max_size();
    static constexpr std::size_t max_key_size = json::string::max_size();
    static constexpr std::size_t max_string_size = json::string::max_size();

    template <std::size_t Size>
    value_builder(json::storage_ptr storage, unsigned char (&scratch)[Size]) noexcept : values_({}, scratch, Size) {
        values_.reset(std::move(storage));
    }

    [[nodiscard]] json::value release() { return values_.release(); }

    using error_code = boost::system::error_code;
    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code&) { return true; }
    bool on_object_end(std::size_t size, error_code&) { return values_.push_object(size), true; }
    bool on_array_begin(error_code&) { return true; }
    bool on_array_end(std::size_t size, error_code&) { return values_.push_array(size), true; }
    bool on_key_part(json::string_view part, std::size_t, error_code&) { return values_.push_chars(part), true; }
    bool on_key(json::string_view rest, std::size_t, error_code&) { return values_.push_key(rest), true; }
    bool on_string_part(json::string_view part, std::size_t, error_code&) { return values_.push_chars(part), true; }
    bool on_string(json::string_view rest, std::size_t, error_code&) { return values_.push_string(rest), true; }
    bool on_number_part(json::string_view, error_code&) { return true; }
    bool on_int64(std::int64_t number, json::string_view text, error_code&) {
        if (number == 0 && text.front() == '-') {
            values_.push_double(-0.0);
        } else {
            values_.push_int64(number);
        }
        return true;
    }
    bool on_uint64(std::uint64_t number, json::string_view, error_code&) { return values_.push_uint64(number), true; }
    bool on_double(double estimate, json::string_view text, error_code&) {
        values_.push_double(exact_number({text.data(), text.size()}, estimate));
        return true;
    }
    bool on_bool(bool value, error_code&) { return values_.push_bool(value), true; }
    bool on_null(error_code&) { return values_.push_null(), true; }
    bool on_comment_part(json::string_view, error_code&) { return true; }
    bool on_comment(json::string_view, error_code&) { return true; }

private:
    json::value_stack values_;
};

}  // namespace

json_document::json_document(std::string_view text, unsigned max_nesting)
    : memory_(buffer_, sizeof buffer_), root_(json::storage_ptr(&memory_)) {
    unsigned char scratch[1024];
    json::parse_options options;
    options.max_depth = max_nesting;
    json::basic_parser<value_builder> parser(options, root_.storage(), scratch);

    boost::system::error_code problem;
    const auto read = parser.write_some(false, text.data(), text.size(), problem);
    if (!problem && read < text.size()) problem = json::error::extra_data;
    if (!problem) {
        root_ = parser.handler().release();
    } else if (problem == json::error::too_deep) {
        error_ = "is nested deeper than the limit of " + std::to_string(max_nesting);
    } else {
        error_ = "is not JSON: " + problem.message() + " at offset " + std::to_string(read);
    }
}

}  // namespace echosocket::detail
