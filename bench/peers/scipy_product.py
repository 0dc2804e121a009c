"""SciPy's sparse product: `scipy_product.py ARRAYS.npz`; ready integers in, nothing written, only the product is timed."""
import sys
import time

import numpy
from scipy.sparse import csr_matrix

if sys.argv[1] == 'prepare':
    rows = numpy.loadtxt(sys.argv[2], dtype=str, delimiter='\t')
    _, paths = numpy.unique(rows[:, 0], return_inverse=True)
    _, products = numpy.unique(rows[:, 1], return_inverse=True)
    numpy.savez(sys.argv[3], paths=paths, products=products)
else:
    with numpy.load(sys.argv[2]) as arrays:
        paths, products = arrays['paths'], arrays['products']
    start = time.perf_counter()
    views = csr_matrix((numpy.ones(len(paths), dtype=numpy.int32), (paths, products)))
    views.sum_duplicates()
    views.data[:] = 1
    product = (views.T @ views).tocsr()
    product.sort_indices()
    product.setdiag(0)
    product.eliminate_zeros()
    print(f'{time.perf_counter() - start:.2f} s, {product.nnz} relations, weight {product.sum()}')
