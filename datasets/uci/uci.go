// Package uci holds tables of the UCI Machine Learning Repository that may be passed on (CC BY 4.0), compressed, so
// that a benchmark on real data needs no download. NOTICE.md names their donors.
package uci

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Licence is that of every set.
const Licence = "CC BY 4.0"

//go:embed data/*.csv.gz
var files embed.FS

// Set describes a table.
type Set struct {
	Name        string   // "abalone"
	Title       string   // as tables print it
	Label       string   // column to predict
	Unit        string   // of the label; empty: a number without one
	Drop        []string // columns that tell the label, or are another one: no inputs
	Rows        int
	Columns     int
	ID          int    // at UCI
	Attribution string // donors, year, name
	DOI         string
	Changes     string // what UCI's files have and this one has not
}

// Sets returns the tables by name.
func Sets() []Set { return slices.Clone(sets) }

var sets = []Set{
	{Name: "abalone", Title: "Abalone", Label: "Rings", Rows: 4177, Columns: 9, ID: 1, DOI: "10.24432/C55C7W",
		Attribution: "Nash, Sellers, Talbot, Cawthorn, Ford (1994), Abalone", Changes: "header added, label first"},
	{Name: "airfoil", Title: "Airfoil Self-Noise", Label: "SoundPressure", Unit: "dB", Rows: 1503, Columns: 6, ID: 291,
		DOI: "10.24432/C5VW2C", Attribution: "Brooks, Pope, Marcolini (1989), Airfoil Self-Noise", Changes: "header added"},
	{Name: "auto-mpg", Title: "Auto MPG", Label: "MPG", Unit: "mpg", Rows: 392, Columns: 8, ID: 9, DOI: "10.24432/C5859H",
		Attribution: "Quinlan (1993), Auto MPG", Changes: "without the names of the cars and the 6 cars without " +
			"horsepower; label last"},
	{Name: "bike-day", Title: "Bike Sharing, daily", Label: "cnt", Unit: "rentals", Rows: 731, Columns: 12, ID: 275,
		DOI: "10.24432/C5W894", Attribution: "Fanaee-T (2013), Bike Sharing", Changes: "without row number, date, casual " +
			"and registered"},
	{Name: "bike-hour", Title: "Bike Sharing, hourly", Label: "cnt", Unit: "rentals", Rows: 17379, Columns: 13, ID: 275,
		DOI: "10.24432/C5W894", Attribution: "Fanaee-T (2013), Bike Sharing", Changes: "without row number, date, casual " +
			"and registered"},
	{Name: "concrete", Title: "Concrete Compressive Strength", Label: "CompressiveStrength", Unit: "MPa", Rows: 1030,
		Columns: 9, ID: 165, DOI: "10.24432/C5PK67", Attribution: "Yeh (1998), Concrete Compressive Strength",
		Changes: "short names of columns, two decimals"},
	{Name: "energy-efficiency", Title: "Energy Efficiency", Label: "HeatingLoad", Unit: "kWh/m²",
		Drop: []string{"CoolingLoad"}, Rows: 768, Columns: 10, ID: 242, DOI: "10.24432/C51307",
		Attribution: "Tsanas, Xifara (2012), Energy Efficiency", Changes: "names in place of X1 to Y2; heating load last"},
	{Name: "power-plant", Title: "Combined Cycle Power Plant", Label: "EnergyOutput", Unit: "MW", Rows: 9568, Columns: 5,
		ID: 294, DOI: "10.24432/C5002N", Attribution: "Tüfekci, Kaya (2014), Combined Cycle Power Plant",
		Changes: "one shuffle of the rows; long names of columns"},
	{Name: "real-estate", Title: "Real Estate Valuation", Label: "PricePerUnitArea", Unit: "10,000 TWD/ping", Rows: 414,
		Columns: 7, ID: 477, DOI: "10.24432/C5J30W", Attribution: "Yeh (2018), Real Estate Valuation",
		Changes: "without row number; short names of columns"},
	{Name: "wine-red", Title: "Wine Quality, red", Label: "Quality", Unit: "points", Rows: 1599, Columns: 12, ID: 186,
		DOI: "10.24432/C56S3T", Attribution: "Cortez, Cerdeira, Almeida, Matos, Reis (2009), Wine Quality",
		Changes: "names of columns without spaces"},
	{Name: "wine-white", Title: "Wine Quality, white", Label: "Quality", Unit: "points", Rows: 4898, Columns: 12, ID: 186,
		DOI: "10.24432/C56S3T", Attribution: "Cortez, Cerdeira, Almeida, Matos, Reis (2009), Wine Quality",
		Changes: "names of columns without spaces"},
}

// Find returns the set of a name.
func Find(name string) (Set, error) {
	for _, s := range sets {
		if s.Name == name {
			return s, nil
		}
	}
	return Set{}, fmt.Errorf("%.40q: no table of that name is in the program: expected one of %s", name,
		strings.Join(Names(), ", "))
}

// Names lists the names of all sets.
func Names() []string {
	names := make([]string, len(sets))
	for i, s := range sets {
		names[i] = s.Name
	}
	return names
}

// Source says where the set is from, with its donors: what CC BY asks for.
func (s Set) Source() string {
	return fmt.Sprintf("%s, UCI Machine Learning Repository, https://doi.org/%s", s.Attribution, s.DOI)
}

// CSV returns the table: a header and a line for each row.
func (s Set) CSV() ([]byte, error) {
	packed, err := files.ReadFile("data/" + s.Name + ".csv.gz")
	if err != nil {
		return nil, err
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(unpacked)
}
