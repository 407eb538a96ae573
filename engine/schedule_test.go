package engine

import (
	"slices"
	"testing"
	"time"
)

func mustDays(t *testing.T, texts ...string) [7]bool {
	t.Helper()
	days, err := ParseDays(texts)
	if err != nil {
		t.Fatal(err)
	}
	return days
}

// The first schedule in the list that holds counts, over midnight and over the days, until the next one that counts.
func TestSchedules(t *testing.T) {
	office := Schedule{Name: "office", Days: mustDays(t, "mon-fri"), From: 8 * time.Hour, To: 18 * time.Hour, Up: 1}
	night := Schedule{Name: "night", From: 23 * time.Hour, To: 6*time.Hour + 30*time.Minute, Down: LimitUnchanged, Up: 0}
	weekend := Schedule{Name: "weekend", Days: mustDays(t, "sat", "sun"), Paused: true}
	all := Schedules{office, night, weekend}
	for _, tc := range []struct{ at, name, until string }{
		{"Fri 2030-01-04 07:59", "", "Fri 08:00"},
		{"Fri 2030-01-04 08:00", "office", "Fri 18:00"},
		{"Fri 2030-01-04 17:59", "office", "Fri 18:00"},
		{"Fri 2030-01-04 18:00", "", "Fri 23:00"},
		{"Fri 2030-01-04 23:00", "night", "Sat 06:30"},
		{"Sat 2030-01-05 06:29", "night", "Sat 06:30"},
		{"Sat 2030-01-05 06:30", "weekend", "Sat 23:00"}, // The night comes first in the list.
		{"Sun 2030-01-06 12:00", "weekend", "Sun 23:00"},
		{"Mon 2030-01-07 01:00", "night", "Mon 06:30"},
		{"Mon 2030-01-07 06:30", "", "Mon 08:00"},
	} {
		at, err := time.Parse("Mon 2006-01-02 15:04", tc.at)
		if err != nil {
			t.Fatal(err)
		}
		s, until, holds := all.At(at)
		if s.Name != tc.name || holds != (tc.name != "") || until.Format("Mon 15:04") != tc.until {
			t.Errorf("%s: %q until %s, want %q until %s", tc.at, s.Name, until.Format("Mon 15:04"), tc.name, tc.until)
		}
	}
	for day, want := range map[int]string{4: "Sat 00:00", 5: "Mon 00:00", 6: "Mon 00:00"} {
		s, until, holds := (Schedules{weekend}).At(time.Date(2030, 1, day, 12, 0, 0, 0, time.UTC))
		if holds != (day > 4) || until.Format("Mon 15:04") != want {
			t.Errorf("day %d of January: %q until %s", day, s.Name, until)
		}
	}
	always := Schedules{{Name: "always", Up: 5}}
	if s, until, holds := always.At(time.Unix(0, 0)); !holds || !until.IsZero() || s.Up != 5 {
		t.Errorf("one for every day and hour: %q until %s", s.Name, until)
	}
	if _, until, holds := (Schedules{}).At(time.Unix(0, 0)); holds || !until.IsZero() {
		t.Error("without schedules something changes")
	}
}

// A schedule goes by the clock on the wall, also in the night in which that is changed.
func TestSchedulesWhenClocksChange(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("this machine has no time zones: ", err)
	}
	all := Schedules{{Name: "night", From: 22 * time.Hour, To: 7 * time.Hour, Up: 1}}
	for _, day := range []int{30, 31} { // The clock goes from 2 to 3 on 2030-03-31.
		s, until, _ := all.At(time.Date(2030, 3, day, 5, 0, 0, 0, zone))
		if want := time.Date(2030, 3, day, 7, 0, 0, 0, zone); s.Name != "night" || !until.Equal(want) {
			t.Errorf("day %d: %q until %s, want %s", day, s.Name, until, want)
		}
	}
}

func TestParseDays(t *testing.T) {
	for _, tc := range []struct{ in, want []string }{
		{nil, nil},
		{[]string{"Mon"}, []string{"mon"}},
		{[]string{"sat", " sun "}, []string{"sat", "sun"}},
		{[]string{"mon-fri"}, []string{"mon", "tue", "wed", "thu", "fri"}},
		{[]string{"fri - mon"}, []string{"mon", "fri", "sat", "sun"}},
		{[]string{"wed-wed"}, []string{"wed"}},
	} {
		days, err := ParseDays(tc.in)
		if got := DayNames(days); err != nil || !slices.Equal(got, tc.want) {
			t.Errorf("%q: %q, %v", tc.in, got, err)
		}
	}
	for _, wrong := range []string{"", "monday", "mon-", "1", "mon-fri-sat"} {
		if _, err := ParseDays([]string{wrong}); KindOf(err) != Invalid {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

func TestScheduleCheck(t *testing.T) {
	usual := Schedule{Name: "x", Down: LimitUnchanged, Up: LimitUnchanged}
	for name, change := range map[string]func(*Schedule){
		"changes nothing":   func(*Schedule) {},
		"limits in a pause": func(s *Schedule) { s.Paused, s.Up = true, 5 },
		"late":              func(s *Schedule) { s.Up, s.To = 5, 24*time.Hour },
		"negative":          func(s *Schedule) { s.Up = -2 },
	} {
		s := usual
		change(&s)
		if err := s.Check(); KindOf(err) != Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string]func(*Schedule){
		"a pause": func(s *Schedule) { s.Paused = true }, "no limit": func(s *Schedule) { s.Down = 0 },
	} {
		s := usual
		change(&s)
		if err := s.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestGoals(t *testing.T) {
	const day = 24 * time.Hour
	all := []Goals{{Ratio: 2}, {Label: "a", Ratio: 3, Time: 3600}, {Label: "b", Ratio: 1, Time: 7200}}
	for _, tc := range []struct {
		labels []string
		want   Goals
		text   string
	}{
		{nil, Goals{Ratio: 2}, "ratio 2"},
		{[]string{"c"}, Goals{Ratio: 2}, "ratio 2"},
		{[]string{"a"}, Goals{Ratio: 3, Time: 3600}, "ratio 3 or 1h"},
		{[]string{"a", "b", "c"}, Goals{Ratio: 3, Time: 7200}, "ratio 3 or 2h"},
	} {
		got := GoalsForLabels(all, tc.labels)
		got.Label = ""
		if got != tc.want || got.String() != tc.text {
			t.Errorf("%q: %+v, %q", tc.labels, got, got)
		}
	}
	for _, tc := range []struct {
		goals  Goals
		ratio  float64
		seeded time.Duration
		want   string
	}{
		{Goals{}, 100, 100 * day, ""},
		{Goals{Ratio: 1.5}, 1.49, 100 * day, ""},
		{Goals{Ratio: 1.5}, 1.5, 0, "the ratio of 1.5"},
		{Goals{Time: 7 * 86400}, 100, 7*day - 1, ""},
		{Goals{Time: 7 * 86400}, 0, 7 * day, "7d of seeding"},
		{Goals{Ratio: 1, Time: 5400}, 0.1, 90 * time.Minute, "90m of seeding"},
	} {
		if got := tc.goals.DescribeReached(tc.ratio, tc.seeded); got != tc.want {
			t.Errorf("%s with %v after %s: %q, want %q", tc.goals, tc.ratio, tc.seeded, got, tc.want)
		}
	}
}
