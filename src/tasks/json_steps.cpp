#include <echosocket/detail/json_steps.hpp>

#include "tasks/value_builder.hpp"

#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/json/error.hpp>
#include <boost/json/parse_options.hpp>

#include <utility>

namespace echosocket::detail {

namespace {

std::string_view words_for(json_kind kind) noexcept {
    switch (kind) {
        case json_object:
            return "an object";
        case json_array:
            return "a list";
        case json_string:
            return "a string";
        case json_number:
            return "a number";
        case json_boolean:
            return "a boolean";
        case json_null:
            return "null";
    }
    return "unknown";
}

/// Refuses a value as soon as it shows that it can't be taken.
class checked_builder : public value_builder {
public:
    checked_builder(json::storage_ptr storage, const json_bounds& bounds, const json_fit& fitting)
        : value_builder(std::move(storage)), bounds_(bounds), fitting_(fitting) {}

    /// Why it refused; empty if it did not.
    [[nodiscard]] const std::string& refusal() const noexcept { return refusal_; }

    // In place of those of the base, for a parser that knows this type.
    bool on_object_begin(error_code& ec) { return enter(json_object, ec); }
    bool on_object_end(std::size_t size, error_code& ec) {
        --depth_;
        return value_builder::on_object_end(size, ec);
    }
    bool on_array_begin(error_code& ec) { return enter(json_array, ec); }
    bool on_array_end(std::size_t size, error_code& ec) {
        --depth_;
        return value_builder::on_array_end(size, ec);
    }
    bool on_string_part(json::string_view part, std::size_t size, error_code& ec) {
        return begin_string(ec) && value_builder::on_string_part(part, size, ec);
    }
    bool on_string(json::string_view rest, std::size_t size, error_code& ec) {
        const bool fits = begin_string(ec);
        in_string_ = false;
        return fits && value_builder::on_string(rest, size, ec);
    }
    bool on_int64(std::int64_t number, json::string_view rest, error_code& ec) {
        return begin(json_number, ec) && value_builder::on_int64(number, rest, ec);
    }
    bool on_uint64(std::uint64_t number, json::string_view rest, error_code& ec) {
        return begin(json_number, ec) && value_builder::on_uint64(number, rest, ec);
    }
    bool on_double(double estimate, json::string_view rest, error_code& ec) {
        return begin(json_number, ec) && value_builder::on_double(estimate, rest, ec);
    }
    bool on_bool(bool value, error_code& ec) { return begin(json_boolean, ec) && value_builder::on_bool(value, ec); }
    bool on_null(error_code& ec) { return begin(json_null, ec) && value_builder::on_null(ec); }

private:
    [[nodiscard]] bool begin(json_kind kind, error_code& ec) {
        if (depth_ == 0 && (fitting_.kinds & kind) == 0) return refuse("is " + std::string(words_for(kind)), ec);
        if (depth_ == 1 && is_list_ && ++items_ > fitting_.most_items)
            return refuse("has more than " + std::to_string(fitting_.most_items) + " items", ec);
        if (++count_ > bounds_.values) return refuse("has more than " + std::to_string(bounds_.values) + " values", ec);
        return true;
    }
    [[nodiscard]] bool enter(json_kind kind, error_code& ec) {
        if (!begin(kind, ec)) return false;
        if (depth_ == 0) is_list_ = kind == json_array;
        ++depth_;
        return true;
    }
    [[nodiscard]] bool begin_string(error_code& ec) {
        return std::exchange(in_string_, true) || begin(json_string, ec);
    }
    bool refuse(std::string why, error_code& ec) {
        refusal_ = std::move(why);
        ec = json::error::exception;
        return false;
    }

    const json_bounds bounds_;
    const json_fit fitting_;
    std::size_t count_ = 0;  // of values
    std::size_t items_ = 0;  // of the outermost list
    std::size_t depth_ = 0;
    bool is_list_ = false;  // the outermost value
    bool in_string_ = false;
    std::string refusal_;
};

json::parse_options options_of(const json_bounds& bounds) {
    json::parse_options options;
    options.max_depth = bounds.nesting;
    return options;
}

}  // namespace

class stepwise_json::parser : public json::basic_parser<checked_builder> {
    using basic_parser::basic_parser;
};

stepwise_json::stepwise_json(std::string_view text, const json_bounds& bounds, const json_fit& fitting)
    : text_(text), bounds_(bounds), parser_(std::make_unique<parser>(options_of(bounds), storage(), bounds, fitting)) {}

stepwise_json::~stepwise_json() = default;

bool stepwise_json::step() {
    const auto piece = text_.substr(at_, json_step);
    const bool more = at_ + piece.size() < text_.size();
    boost::system::error_code problem;
    const auto read = parser_->write_some(more, piece.data(), piece.size(), problem);
    at_ += read;
    if (!problem && read < piece.size()) problem = json::error::extra_data;
    if (!problem && more) return true;

    if (!problem) {
        set_root(parser_->handler().release());
    } else if (!parser_->handler().refusal().empty()) {
        set_error(parser_->handler().refusal());
    } else {
        set_error(problem, at_, bounds_.nesting);
    }
    parser_ = nullptr;
    return false;
}

asio::awaitable<stepwise_json_ptr> parse_in_steps(std::string_view text, json_bounds bounds, json_fit fitting) {
    const auto document = std::make_shared<stepwise_json>(text, bounds, fitting);
    while (document->step()) {
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none) co_return nullptr;
        auto turn_of_others = asio::post(asio::deferred);
        co_await std::move(turn_of_others);
    }
    co_return document;
}

}  // namespace echosocket::detail
