package lifecycle

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// indexAge is how old the list may be that a create looks into. Within it, all
// creates share one list.
const indexAge = time.Minute

// place is what tells jobs apart for a create. The API itself does not say
// whether names are unique.
type place struct{ name, path string }

func placeOf(name, trainURL string) place {
	return place{name: name, path: strings.TrimRight(modelarts.OBSPath(trainURL), "/")}
}

// CheckPlace returns an *OtherJobError if the job has another name or another path. The API
// changes neither, so its ID is that of another job. It ignores a name that is missing, and a path that
// is missing or has another form than the documented /bucket/prefix/.
func CheckPlace(job *modelarts.VisualizationJob, name, trainURL string) error {
	wanted, shown := placeOf(name, trainURL), placeOf(job.Name, job.TrainURL)
	if (shown.name == "" || shown.name == wanted.name) && (!strings.HasPrefix(shown.path, "/") || shown.path == wanted.path) {
		return nil
	}
	return &OtherJobError{Job: *job, Name: name, TrainURL: trainURL}
}

// index finds which jobs are at a place: those that this run created, and those on the
// observer's list. They may be gone by now.
type index struct {
	observer *observer
	owned    *ownership

	mu      sync.Mutex
	expired uint64        // by the observer's clock: lists that began before may lack a job that was created since
	ahead   time.Duration // of the server's clock before ours
}

// at returns the jobs known at p, from a list that is at most indexAge old. Those
// who wait for a list share it, and its failure.
func (x *index) at(ctx context.Context, p place) ([]modelarts.VisualizationJob, error) {
	x.mu.Lock()
	expired := x.expired
	x.mu.Unlock()
	list, err := x.observer.list(ctx, expired, indexAge)
	if err != nil {
		return nil, err
	}
	x.mu.Lock()
	x.ahead = list.ahead
	x.mu.Unlock()
	found := x.owned.createdAt(p)
	for id, job := range list.jobs {
		if placeOf(job.Name, job.TrainURL) == p && !slices.ContainsFunc(found, hasID(id)) {
			found = append(found, job)
		}
	}
	slices.SortFunc(found, func(a, b modelarts.VisualizationJob) int { return cmp.Compare(a.ID, b.ID) })
	return found, nil
}

// serverTime returns the time by the server's clock, as far as it is known.
func (x *index) serverTime() time.Time {
	x.mu.Lock()
	defer x.mu.Unlock()
	return time.Now().Add(x.ahead)
}

// expire has the next create list again: a lost create may have made a job.
func (x *index) expire() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.expired = x.observer.now()
}

func hasID(id int64) func(modelarts.VisualizationJob) bool {
	return func(job modelarts.VisualizationJob) bool { return job.ID == id }
}
