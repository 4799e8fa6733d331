#include <echosocket/detail/json_reader.hpp>

#include "tasks/value_builder.hpp"

#include <boost/json/error.hpp>
#include <boost/json/parse_options.hpp>

#include <string>

namespace echosocket::detail {

json_document::json_document() : memory_(buffer_, sizeof buffer_), root_(json::storage_ptr(&memory_)) {}

json_document::json_document(std::string_view text, unsigned max_nesting) : json_document() {
    unsigned char scratch[1024];
    json::parse_options options;
    options.max_depth = max_nesting;
    json::basic_parser<value_builder> parser(options, storage(), scratch);

    boost::system::error_code problem;
    const auto read = parser.write_some(false, text.data(), text.size(), problem);
    if (!problem && read < text.size()) problem = json::error::extra_data;
    if (!problem) {
        set_root(parser.handler().release());
    } else {
        set_error(problem, read, max_nesting);
    }
}

void json_document::set_error(const boost::system::error_code& problem, std::size_t offset, unsigned max_nesting) {
    if (problem == json::error::too_deep) {
        error_ = "is nested deeper than the limit of " + std::to_string(max_nesting);
    } else {
        error_ = "is not JSON: " + problem.message() + " at offset " + std::to_string(offset);
    }
}

}  // namespace echosocket::detail
