// From what a JSON parser sees to a value, with numbers that are exact.
#pragma once

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

namespace echosocket::detail {

namespace json = boost::json;

/// The double nearest to what `text` says; infinity above all doubles. `estimate` is near it.
inline double exact_number(std::string_view text, double estimate) noexcept {
    double number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec == std::errc()) return number;
    // `from_chars` does not say on which side it is out of range.
    return std::copysign(std::abs(estimate) < 1 ? 0.0 : std::numeric_limits<double>::infinity(), estimate);
}

/// A handler for `json::basic_parser`. Builds a value as json::parser does, but for numbers: that one rounds a double
/// on the way more than once, and -0 is an integer to it, without a sign.
class value_builder {
public:
    static constexpr std::size_t max_object_size = json::object::max_size();
    static constexpr std::size_t max_array_size = json::array::max_size();
    static constexpr std::size_t max_key_size = json::string::max_size();
    static constexpr std::size_t max_string_size = json::string::max_size();

    explicit value_builder(json::storage_ptr storage) noexcept { values_.reset(std::move(storage)); }
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
    bool on_number_part(json::string_view part, error_code&) {
        number_.append(part.data(), part.size());
        return true;
    }
    bool on_int64(std::int64_t number, json::string_view rest, error_code&) {
        if (number == 0 && (number_.empty() ? rest.front() : number_.front()) == '-') {
            values_.push_double(-0.0);
        } else {
            values_.push_int64(number);
        }
        number_.clear();
        return true;
    }
    bool on_uint64(std::uint64_t number, json::string_view, error_code&) {
        number_.clear();
        values_.push_uint64(number);
        return true;
    }
    bool on_double(double estimate, json::string_view rest, error_code&) {
        std::string_view text(rest.data(), rest.size());
        if (!number_.empty()) text = number_.append(text);
        values_.push_double(exact_number(text, estimate));
        number_.clear();
        return true;
    }
    bool on_bool(bool value, error_code&) { return values_.push_bool(value), true; }
    bool on_null(error_code&) { return values_.push_null(), true; }
    bool on_comment_part(json::string_view, error_code&) { return true; }
    bool on_comment(json::string_view, error_code&) { return true; }

private:
    json::value_stack values_;
    std::string number_;  // its beginning, if it does not come whole
};

}  // namespace echosocket::detail
