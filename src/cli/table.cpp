#include "cli/table.hpp"

#include "cli/text.hpp"

#include <algorithm>

namespace echosocket::cli {

std::string format_table(const std::vector<table_row>& rows, std::size_t widest) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) {
            const auto width = width_of(row[i]);
            if (width <= widest) widths[i] = std::max(widths[i], width);
        }
    }
    std::string text;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += row[i];
            if (i + 1 == row.size()) break;
            const auto width = width_of(row[i]);
            line.append(width < widths[i] ? widths[i] - width + 2 : 2, ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
    }
    return text;
}

}  // namespace echosocket::cli
