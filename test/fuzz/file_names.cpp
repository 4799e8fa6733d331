// URLs and names of files that a stranger chose: no name leaves its directory, and no URL brings more into a request
// than its own line.
#include "cli/tasks/file_name.hpp"
#include "cli/tasks/http_url.hpp"
#include "input.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace {

using namespace echosocket::cli;
using echosocket::fuzz::require;

bool is_plain(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
}

void require_harmless(const std::string& name, std::size_t longest) {
    require(!name.empty() && name.size() <= longest, "a name has its length");
    require(std::ranges::all_of(name, is_plain), "a name is of plain letters");
    require(name.front() != '.' && name.front() != '-', "a name is neither hidden nor an option");
}

void check_name(std::string_view path) {
    const auto name = safe_file_name(path);
    require_harmless(name, longest_file_name);
    require(safe_file_name(name) == name, "a safe name stays as it is");
    require(numbered_file_name(name, 0) == name, "the first has no number");
    require(numbered_file_name(name, 1) != name, "the second has one");
    require_harmless(numbered_file_name(name, 4'000'000'000U), longest_file_name + 11);
}

void require_one_line(const http_url& url) {
    for (const auto& text : {url.host_header(), url.target()})
        require(std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7f; }),
                "what goes into a request has no space and no line break");
    require(!url.host.empty() && url.path.starts_with('/'), "a URL has a host and a path");
    const auto again = parse_http_url(url.text());
    require(again.has_value() && *again == url, "a URL that was written can be read");
}

void check_url(std::string_view text) {
    if (const auto url = parse_http_url(text)) require_one_line(*url);
}

void check_location(std::string_view location) {
    for (const char* base : {"http://a.example/b/c?d", "http://[::1]:8080/", "http://host"}) {
        const auto from = parse_http_url(base);
        require(from.has_value(), "the base is a URL");
        if (const auto to = resolve_location(*from, location)) require_one_line(*to);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    echosocket::fuzz::input in(std::string_view(reinterpret_cast<const char*>(data), size));
    const auto kind = in.below(3);
    const auto text = in.bytes(size);
    if (kind == 0) check_name(text);
    if (kind == 1) check_url(text);
    if (kind == 2) check_location(text);
    return 0;
}
