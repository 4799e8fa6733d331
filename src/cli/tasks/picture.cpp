#include "cli/tasks/picture.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace echosocket::cli {

namespace {

constexpr int canvas_width = 400;
constexpr int canvas_height = 300;

constexpr std::array<std::pair<std::string_view, shape>, 3> shapes{
    {{"square", shape::square}, {"circle", shape::circle}, {"triangle", shape::triangle}}};

std::string attribute(std::string_view name, int value) {
    return std::string(" ").append(name).append("=\"").append(std::to_string(value)).append("\"");
}

std::string point(int x, int y) {
    return std::to_string(x) + ',' + std::to_string(y);
}

std::string outline(shape what, const placement& at) {
    switch (what) {
        case shape::square:
            return "<rect" + attribute("x", at.x - at.size) + attribute("y", at.y - at.size) +
                   attribute("width", 2 * at.size) + attribute("height", 2 * at.size);
        case shape::circle:
            return "<circle" + attribute("cx", at.x) + attribute("cy", at.y) + attribute("r", at.size);
        case shape::triangle:
            break;
    }
    return "<polygon points=\"" + point(at.x, at.y - at.size) + ' ' + point(at.x + at.size, at.y + at.size) + ' ' +
           point(at.x - at.size, at.y + at.size) + '"';
}

}  // namespace

std::optional<shape> find_shape(std::string_view name) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto begin = std::min(name.find_first_not_of(blanks), name.size());
    std::string wanted(name.substr(begin, name.find_last_not_of(blanks) + 1 - begin));
    for (char& c : wanted)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    for (const auto& [known, value] : shapes)
        if (known == wanted) return value;
    return std::nullopt;
}

placement random_placement(std::mt19937& randomness) {
    const auto between = [&randomness](int least, int most) {
        return std::uniform_int_distribution<int>(least, most)(randomness);
    };
    placement at;
    at.size = between(20, 80);
    at.x = between(at.size, canvas_width - at.size);
    at.y = between(at.size, canvas_height - at.size);
    at.hue = between(0, 359);
    return at;
}

std::string draw_svg(shape what, const placement& where) {
    const auto size = attribute("width", canvas_width) + attribute("height", canvas_height);
    return "<svg xmlns=\"http://www.w3.org/2000/svg\"" + size + " viewBox=\"0 0 " + std::to_string(canvas_width) + ' ' +
           std::to_string(canvas_height) + "\">\n  <rect" + size + " fill=\"white\"/>\n  " + outline(what, where) +
           " fill=\"hsl(" + std::to_string(where.hue) + ", 70%, 50%)\"/>\n</svg>\n";
}

}  // namespace echosocket::cli
